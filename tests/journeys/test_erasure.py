"""After an erasure nobody who holds every file but the key file can tell that the person was here."""

import hashlib
import re
from itertools import product

import apsw
import msgspec
import pytest

from equipoise.compose import Engine
from equipoise.nouns.events import Handle
from equipoise.settings import read_settings
from house import DAY_MS, HERO, NOON_MS, THANKS, identify, track

ANA = {
    "user": "ana-quenouille-7741",
    "email": "Ana.Quenouille@Example.org",
    "phone": "+33 6 12 34 56 78",
    "card": "FID-99812-XQ",
    "anonymous": "anon-5f0e-quenouille",
    "city": "Trifouilly-les-Oies",
    "remark": "Allergique aux arachides",
}
"""What of her is in the files: everything here is hers alone."""

SECRETS = [
    ANA["user"],
    ANA["email"],
    ANA["email"].lower(),
    ANA["phone"],
    "+33612345678",
    ANA["card"],
    ANA["anonymous"],
    ANA["city"],
    ANA["remark"],
    "quenouille",
    "QUENOUILLE",
    "Trifouilly",
    "arachides",
    "99812-XQ",
    "nadia@example.org/1",
]

PAGE = HERO.replace("home-hero", "hero").replace(
    "name: hero", "name: hero\naudience: {field: traits.city, is_not: Atlantis}"
)


class Wound:
    """A clock that a test sets."""

    def __init__(self, now):
        self.now = now

    def now_ms(self):
        return self.now


def opened(folder, clock):
    settings = read_settings(environ={}, given={"basis.default": "interest"})
    return Engine.open(folder / "shop.db", settings=settings, clock=clock)


def others(n, start=0):
    for i in range(start, start + n):
        yield identify(f"user{i}", f"cookie{i}", email=f"user{i}@example.com", city="Nantes")
        yield track(f"user{i}", "Order Completed", 1, total=10 + i)


def lives(engine, clock):
    """Everything that a person can leave behind: on all channels, joined, split, refused, asked."""
    traits = {name: ANA[name] for name in ("email", "phone", "card", "city", "remark")}
    engine.take(
        [
            {"type": "page", "anonymousId": ANA["anonymous"], "messageId": "nadia@example.org/1"},
            identify(ANA["user"], ANA["anonymous"], **traits) | {"messageId": "ana/who"},
            track(ANA["user"], "Order Completed", "a", total=81, remark=ANA["remark"]),
            track(ANA["user"], "terms.granted", "b", purpose="marketing", channel="*"),
            track(ANA["user"], "terms.granted", "c", purpose=7) | {"messageId": "malformed"},
            {**track(ANA["user"], "x", "d"), "timestamp": "never"},
            {"type": "track", "userId": ANA["user"], "messageId": "e", "properties": 7},
        ]
    )
    engine.decide(f"user_id:{ANA['user']}", "hero", {"note": ANA["remark"]})
    # A device that both used; then they were told apart again.
    engine.take([identify("bob", "shared-tablet"), track("bob", "page", 1)])
    engine.take(
        [
            {
                "type": "identify",
                "userId": ANA["user"],
                "anonymousId": "shared-tablet-2",
                "messageId": "f",
                "traits": {},
            }
        ]
    )
    tablet = engine.store.atoms_of([Handle("anonymous_id", "shared-tablet-2")])
    engine.split(next(iter(tablet.values())).person, [a.id for a in tablet.values()], "Zoé", "hers")
    for n in range(40):
        clock.now = clock.now_ms() + 60_000
        engine.take([track(ANA["user"], "Product Viewed", n, product_id=f"{ANA['card']}-{n}")])
    whom = f"user_id:{ANA['user']}"
    engine.request("access", whom, text=ANA["remark"])
    engine.request("contest", whom, decision=decision_of(engine), text=ANA["remark"])
    clock.now += 2 * DAY_MS
    engine.tick()


def decision_of(engine):
    for row in engine.store.newest_receipts(1000):
        told = msgspec.json.decode(row.body)
        if told["type"] == "decision" and ANA["city"] in row.body.decode():
            return told["seq"]
    raise AssertionError([r.body for r in engine.store.newest_receipts(5)])


@pytest.fixture
def erased(tmp_path):
    """A store in which she was, among others, and was erased; with what she was there."""
    clock = Wound(NOON_MS)
    with opened(tmp_path, clock) as engine:
        yield from erased_in(engine, clock, tmp_path)


def erased_in(engine, clock, tmp_path):
    engine.add_play(THANKS)
    engine.add_play(PAGE)
    engine.take(others(150))
    lives(engine, clock)
    engine.take(others(150, 150))
    person = engine.store.atoms_of([Handle("user_id", ANA["user"])])
    ids = {next(iter(person.values())).person}
    assert any(secret.encode() in bytes_of(tmp_path) for secret in SECRETS)
    report = engine.request("erasure", f"user_id:{ANA['user']}", at_once=True)
    assert report["ok"], report
    yield engine, tmp_path, ids, report


def bytes_of(folder):
    return b"\0".join(
        file.read_bytes() for file in sorted(folder.iterdir()) if file.suffix != ".keys"
    )


def test_no_byte_of_any_file_but_the_key_file_is_hers(erased):
    """Free space inside pages, freed pages, the write-ahead logs and the intake are looked at as well."""
    _, folder, _, _ = erased
    found = bytes_of(folder)
    folded = found.lower()
    for secret in SECRETS:
        for coded in (secret.encode(), secret.encode("utf-16-le"), secret.encode("utf-16-be")):
            assert coded not in found, secret
        assert secret.lower().encode() not in folded, secret


def test_no_digest_that_can_be_computed_without_the_key_is_in_a_file(erased):
    """Plain, and salted with whatever the adversary finds in the files."""
    _, folder, ids, _ = erased
    found = bytes_of(folder)
    salts = {b"", b"tombstone", b"equipoise"} | salts_in(folder)
    candidates = set()
    kinds = ("user_id", "email", "phone", "card", "anonymous_id", "")
    for kind, secret in product(kinds, SECRETS):
        for glue in ("", ":", "\0", "|"):
            candidates.add(f"{kind}{glue}{secret}".encode())
    candidates |= {str(number).encode() for number in ids}
    for text in candidates:
        for salt in salts:
            for digest in digests(text, salt):
                assert digest not in found, (text, salt)
                assert digest.hex().encode() not in found, (text, salt)


def salts_in(folder):
    """A sample of every value of 8 to 64 bytes that stands in a table: all of them could be a key."""
    values = set()
    for file in folder.glob("*.db"):
        connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
        for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"):
            for row in connection.execute(f'SELECT * FROM "{table}" ORDER BY 1 DESC LIMIT 3'):
                for value in row:
                    value = value.encode() if isinstance(value, str) else value  # noqa: PLW2901
                    if isinstance(value, bytes) and 8 <= len(value) <= 64:
                        values.add(value)
        connection.close()
    return set(sorted(values)[:40])


def digests(text, salt):
    yield hashlib.sha256(salt + text).digest()
    yield hashlib.sha256(text + salt).digest()
    yield hashlib.blake2b(salt + text, digest_size=32).digest()
    yield hashlib.blake2b(text, digest_size=32, key=salt).digest()
    yield hashlib.blake2b(text, digest_size=32, key=salt, person=b"tombstone").digest()
    yield hashlib.blake2b(text, digest_size=8, key=salt).digest()


def test_no_table_holds_her_number_or_one_of_her_atoms(erased):
    """As a column; inside receipts of others her number stands nowhere either."""
    engine, folder, ids, _ = erased
    for file in folder.glob("*.db"):
        connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
        for table, columns in {
            "log": ("atom",),
            "receipt": ("atom",),
            "state": ("person",),
            "atom": ("id", "person"),
            "handle": ("atom",),
            "joined": ("left", "right"),
            "cannot_link": ("left", "right"),
            "held_join": ("left", "right"),
            "outbox": ("atom",),
            "timer": ("atom",),
            "profile": ("person",),
            "lesson": ("atom",),
            "request": ("atom",),
        }.items():
            if "intake" in file.name:
                continue
            for column in columns:
                query = f'SELECT count(*) FROM "{table}" WHERE "{column}" = ?'
                for number in ids:
                    assert connection.execute(query, (number,)).fetchall() == [(0,)], table
        connection.close()
    for row in engine.store.newest_receipts(10_000):
        assert msgspec.json.decode(row.body).get("person") not in ids


def test_whoever_was_split_from_her_keeps_what_is_theirs_and_loses_her_name(erased):
    engine, _, ids, _ = erased
    tablet = engine.store.atoms_of([Handle("anonymous_id", "shared-tablet-2")])
    (atom,) = tablet.values()
    blob = engine.store.states([atom.person])[atom.person]
    assert not any(str(number).encode() in blob for number in ids)
    assert ANA["user"].encode() not in blob
    assert engine.store.cannot_links([atom.id]) == []


def test_the_report_counts_every_table_and_says_what_is_kept(erased):
    _, _, _, reply = erased
    told = reply["report"]["deleted"]
    assert {"log", "receipt", "handle", "atom", "state", "request", "refused"} <= set(told)
    assert told["log"] > 45
    assert told["others_put_right"] > 0
    assert set(reply["report"]["kept"]) >= {"leaf", "seen", "tally", "model"}
    text = msgspec.json.encode(reply).decode()
    assert not any(re.search(re.escape(secret), text) for secret in SECRETS)


def test_the_proofs_of_others_hold_and_the_tree_goes_on(erased):
    from equipoise.account.inspecting import inspect

    engine, folder, _, _ = erased
    engine.take([track("user3", "Order Completed", 2, total=5)])
    del inspect
    engine.close()
    from typer.testing import CliRunner

    from equipoise.cli.commands import app

    told = CliRunner().invoke(app, ["verify", str(folder)])
    assert told.exit_code == 0, told.output


def test_the_same_handle_makes_a_new_person_without_a_past(erased):
    engine, _, ids, _ = erased
    engine.take([identify(ANA["user"], email=ANA["email"])])
    (atom,) = engine.store.atoms_of([Handle("user_id", ANA["user"])]).values()
    assert atom.person not in ids
    state = engine.store.states([atom.person])[atom.person]
    assert ANA["city"].encode() not in state
