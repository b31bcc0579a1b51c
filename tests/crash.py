"""What the crash test kills: a house that takes numbered batches and says which it has acknowledged.

`python crash.py STORE FIRST`: batches from FIRST on, one line on standard output for each that
`take` returned from. The clock stands still and the salts are seeded, so that two runs compare.
"""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from house import THANKS, granted, house, identify, track

BATCHES = 60


def batch(n):
    """Batch `n`, the same in every run: orders, joins, withdrawals and repeats of the batch before."""
    draw = random.Random(n)
    calls = []
    for place in range(20):
        user = f"u{draw.randrange(40)}"
        calls.append(track(user, "Order Completed", f"{n}/{place}", revenue=draw.randrange(90)))
        what = draw.randrange(6)
        if what == 0:
            calls.append(identify(user, f"a{draw.randrange(60)}", email=f"{user}@example.org"))
        elif what == 1:
            calls.append(granted(user, f"{n}/{place}"))
        elif what == 2:
            calls.append(track(user, "terms.withdrawn", f"{n}/{place}", purpose="marketing"))
    return calls


def main(store, first):
    """Take batch after batch until there are no more or somebody pulls the plug."""
    engine = house(store, **{"budget.per_day": 3, "budget.per_7d": 5})
    if not engine.store.plays():
        engine.add_play(THANKS)
    print("open", flush=True)
    for n in range(first, BATCHES):
        engine.take(batch(n))
        print(n, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
