"""One example of each record that is stored, with every field set: what a release wrote, the next one opens.

`python wire.py` prints them in hex, for a new fixture beside the old ones; the old ones stay.
"""

import json

import msgspec

from equipoise.nouns import records
from equipoise.nouns.decisions import Action, Moment
from equipoise.nouns.events import Event, Handle
from equipoise.nouns.plays import Option
from equipoise.nouns.state import (
    AtomState,
    Contact,
    Decayed,
    Held,
    Hush,
    Last,
    PersonState,
    Profile,
    Stance,
    Tally,
    Terms,
)

ANA = Handle("email", "ana@example.org")
MOMENT = Moment(
    id="32.thanks",
    kind="Order Completed",
    event="e1",
    channel="shop",
    at_ms=5,
    opened_ms=6,
    facts={"revenue": 30.5},
    rung=True,
)
ATOM = AtomState(
    id=16,
    handles=[ANA],
    joined_seq=48,
    known=True,
    event_seq=64,
    decision_seq=65,
    profile=Profile(
        tallies={"page": Tally(2, 3.0, 5.0, 1, 2)},
        decayed={"visits": Decayed(1.5, 7)},
        last={"traits.city": Last("Sète", 8, "e1", "stated")},
        distinct={"products": [1, 2, 3]},
        slots={20_000: 5},
    ),
    terms=Terms(
        stances={"marketing|*": Stance(True, 9, 64, "e1", "public", "n1", "ab", "fr")},
        per_week=2,
        quiet=(1260, 480),
        set_ms=1,
        set_seq=16,
        quiet_ms=2,
        quiet_seq=32,
    ),
    contacts=[Contact(10, 65, "thanks", "email")],
    held=[Held("thanks", "32.thanks", 1, 2, 3, "e1", "k", "shop", "quiet_hours", {"n": 1})],
    hushes={"thanks|consent_missing": Hush(20_000, 1, 2, 3, 65)},
    apart=[32],
)
ACTION = Action(
    id=65,
    key="d_65_00",
    atom=16,
    person=16,
    play="thanks",
    version="ab",
    option=Option(name="mail", content={"subject": {"fr": "Merci"}}, share=0.5, stock=3),
    sender="email",
    status="ready",
    due_ms=1,
    until_ms=2,
    at_ms=3,
    moment=MOMENT,
    content={"subject": "Merci"},
    handles=(ANA,),
    locale="fr",
    attempts=1,
    detail="busy",
)
EVENT = Event(
    id="e1",
    kind="Order Completed",
    channel="shop",
    source="server",
    at_ms=5,
    received_ms=6,
    handles=(ANA,),
    facts={"revenue": 30.5, "products": [{"id": "p"}]},
    context={"timezone": "Europe/Paris"},
    provenance="stated",
    trust="public",
    history=True,
    original_ms=4,
    sent_ms=3,
)

EXAMPLES = {
    "person": PersonState([ATOM]),
    "action": ACTION,
    "event": EVENT,
    "decide": records.DecideRequest(
        moment="home-hero", handles=(ANA,), facts={"page": "a"}, channel="app"
    ),
    "page": records.PageRequest(handles=(ANA,)),
    "tick": records.Tick(7),
    "play": records.PlayVersion(name="thanks", sha256="ab", text="name: thanks"),
    "attempt": records.Attempt(65),
    "delivery": records.Delivery(action=65, result="retry", detail="busy", after_s=1.5),
    "human": records.HumanAnswer(action=65, answer="decline", by="Zoé", note="no"),
    "split": records.Split(person=16, atoms=(32,), by="Zoé", note="two"),
}
"""By the name that the fixture gives them."""

if __name__ == "__main__":
    written = {name: msgspec.msgpack.encode(noun).hex() for name, noun in EXAMPLES.items()}
    print(json.dumps(written, indent=1))
