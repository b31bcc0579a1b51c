"""`equipoise import` takes each row in once, however often it is stopped and begun again."""

import pytest

from equipoise.cli import importing
from equipoise.cli.importing import How
from equipoise.stores import open_store

MAPPING = """kind: Order Completed
at: {column: when}
handles: {user_id: user, email: mail}
id: [order]
facts: {revenue: total}
"""


@pytest.fixture
def orders(shop):
    """2,500 orders of a hundred people, and the mapping that reads them."""
    rows = [
        f"{n},2026-01-{1 + n % 28:02}T10:00:00Z,u{n % 100},u{n % 100}@example.org,{n}"
        for n in range(2500)
    ]
    (shop / "orders.csv").write_text("\n".join(["order,when,user,mail,total", *rows]) + "\n")
    (shop / "m.yaml").write_text(MAPPING)
    return shop / "orders.csv"


WORDS = ("import", "orders.csv", "--mapping", "m.yaml", "--source", "till")


def kept(shop):
    """The running totals of a shop's store."""
    store, intake = open_store(f"sqlite:{shop / 'equipoise.db'}", "reader")
    try:
        return store.counts()
    finally:
        intake.close()
        store.close()


def test_every_row_becomes_one_event(equipoise, orders, shop):
    said = equipoise(*WORDS)
    assert said.code == 0
    assert "2,500 rows, 2,500 events" in said.out
    assert (kept(shop)["events"], kept(shop)["people"]) == (2500, 100)


def test_a_file_that_was_taken_in_is_passed_over(equipoise, orders, shop):
    equipoise(*WORDS)
    said = equipoise(*WORDS)
    assert "was taken in before" in said.err
    assert kept(shop)["events"] == 2500
    orders.rename(shop / "other.csv")
    assert equipoise("import", "other.csv", *WORDS[2:]).code == 0
    assert kept(shop)["events"] == 2500


def test_once_more_from_the_start_repeats_nothing(equipoise, orders, shop):
    equipoise(*WORDS)
    assert equipoise(*WORDS, "--again").code == 0
    assert (kept(shop)["events"], kept(shop)["duplicates"]) == (2500, 2500)


@pytest.mark.parametrize("stop_at", [1, 2, 3])
@pytest.mark.parametrize("written", [True, False], ids=["after its note", "before its note"])
def test_what_was_stopped_goes_on_without_a_duplicate(equipoise, orders, shop, stop_at, written):
    """Stopped in the chunk itself, or after it was durable and before that was written down."""
    from equipoise.arrive import native
    from equipoise.arrive.files import read_mapping
    from equipoise.compose import Engine

    job = importing._Job(orders, read_mapping(MAPPING), "till", How(as_json=True))
    ledger = shop / "equipoise.imports"
    with Engine.open(shop / "equipoise.db") as engine:
        chunks = []

        def take_in(events):
            chunks.append(len(events))
            if written and len(chunks) == stop_at:
                raise KeyboardInterrupt
            engine.put("events", native.pack(events), job.source)
            if len(chunks) == stop_at:
                raise KeyboardInterrupt
            return importing.Counter()

        with pytest.raises(importing.Trouble, match="the same command goes on") as stopped:
            job.run(ledger, take_in)
    assert stopped.value.code == 130
    said = equipoise(*WORDS)
    assert said.code == 0
    assert kept(shop)["events"] == 2500
    if stop_at > 1:
        assert f"going on after row {(stop_at - 1) * 1000:,}" in said.err


def test_rows_that_are_not_taken_are_told_and_written_down(equipoise, orders, shop):
    with orders.open("a") as out:
        out.write("9998,yesterday,u1,,5\n9999,2026-01-01T10:00:00Z,,,5\n")
    said = equipoise(*WORDS, "--refused", "refused.jsonl")
    assert said.code == 1
    assert "time_unreadable" in said.out
    assert "identity_missing" in said.out
    assert (shop / "refused.jsonl").read_text().count("\n") == 2
    assert kept(shop)["events"] == 2500


def test_the_past_opens_no_moment_unless_it_is_said_to_be_live(equipoise, orders, shop):
    play = (shop / "plays" / "thank-you.yaml").read_text()
    from equipoise.compose import Engine

    with Engine.open(shop / "equipoise.db") as engine:
        engine.add_play(play)
    equipoise(*WORDS)
    assert kept(shop).get("moments", 0) == 0
    orders.write_text("order,when,user,mail,total\nA1,2026-02-01T10:00:00Z,u1,,40\n")
    equipoise(*WORDS, "--live")
    assert kept(shop)["moments"] == 1


def test_a_store_that_an_engine_writes_is_left_alone(equipoise, orders, shop):
    store, intake = open_store(f"sqlite:{shop / 'equipoise.db'}")
    try:
        said = equipoise(*WORDS)
    finally:
        intake.close()
        store.close()
    assert said.code == 3
    assert "--url" in said.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("import", "gone.csv", *WORDS[2:]), "gone.csv: there is no such file"),
        ((*WORDS[:3], "bad.yaml", *WORDS[4:]), "bad.yaml"),
        ((*WORDS, "--url", "localhost:1"), "--key"),
        (("import", "m.yaml", *WORDS[2:]), "a file ends in"),
    ],
    ids=["no file", "bad mapping", "no key", "no kind"],
)
def test_what_cannot_be_imported_is_told(equipoise, orders, shop, words, told):
    (shop / "bad.yaml").write_text("kind: [")
    said = equipoise(*words)
    assert said.code == 2
    assert told in said.err
