"""What the tests run: one Python client library, unchanged, sending as a shop's program would.

`python send.py LIBRARY < ORDER`: a client for each place of the order, all at once; each sends the
same calls and is flushed. On standard output: the errors that each client told its program of.
"""

import json
import sys
from threading import Thread


def client_of(library, order, place, errors):
    """A client with nothing but settings that its manual tells."""
    if library == "segment":
        from segment.analytics import Client
    else:
        from rudderstack.analytics import Client

    def on_error(error, items):
        errors.append(f"{type(error).__name__}: {error} ({len(items)} items)")

    return Client(
        order["key"],
        host=place["url"],
        gzip=order["gzip"],
        timeout=place["timeout_s"],
        upload_size=15,
        upload_interval=0.05,
        on_error=on_error,
    )


def send(client, name, n):
    """Every kind of call, and tracks until there are `n`."""
    user = f"{name}-user"
    client.identify(user, {"email": f"{user}@example.org", "plan": None})
    client.page(user, "Shoes", "Boots", {"url": "https://shop.example/boots"})
    client.screen(user, "Home", "Start", {})
    client.group(user, f"{name}-group", {"name": "é 漢 🦊"})
    client.alias(f"{name}-old", user)
    client.track(anonymous_id=7_000_001, event="Seen", properties={"anonymous": True})
    for i in range(n - 6):
        client.track(user, "Product Viewed", {"fault": name, "n": i, "price": 9.5})
    client.flush()


def main(library):
    """Read the order, send, and say what went wrong."""
    order = json.load(sys.stdin)
    errors = {name: [] for name in order["places"]}
    threads = []
    for name, place in order["places"].items():
        client = client_of(library, order, place, errors[name])
        threads.append(Thread(target=send, args=(client, name, order["n"])))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump(errors, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
