"""An export is whole, says what everything means, and is the same for the same state."""

import csv
import io
import json
import zipfile
from hashlib import sha256

import pytest

from equipoise.nouns.aims import Aim, Balance
from equipoise.nouns.events import Event, Handle
from equipoise.nouns.intents import Intent, read_intent
from equipoise.nouns.state import AtomState, PersonState, Stance, Terms
from equipoise.nouns.wishes import Felt
from equipoise.rights.export.columns import TABLES
from equipoise.rights.export.packing import files_of, pack
from equipoise.rights.export.taking import Known, Receipt, Taking

CONSENTS = {"@graph": [{"whose": "p_k7"}]}
NASTY = 'a "quoted", <b>line</b>\r\nand =2+2 — ñ 🌱'


def said(code, language, detail):
    return f"{language}:{code}"


def event(number, kind="page", **facts):
    return number, Event(
        id=f"e{number}",
        kind=kind,
        channel="web",
        source="shop",
        at_ms=1_790_000_000_000 + number,
        received_ms=1_790_000_000_500 + number,
        handles=(Handle("email", "ana@example.org"),),
        facts=facts,
        provenance="stated" if kind.startswith("terms.") else "observed",
    )


@pytest.fixture
def taking():
    """Ana, who said yes twice and no once, and of whom little else is known."""
    stance = Stance(granted=False, at_ms=1_790_000_000_032, seq=32, event="e32")
    terms = Terms(stances={"marketing|*": stance}, per_week=2, set_ms=5, set_seq=64)
    atom = AtomState(id=16, handles=[Handle("email", "ana@example.org")], terms=terms)
    notice = {"id": "n1", "sha256": "ab", "language": "fr"}
    return Taking(
        company="Halles & Co",
        origin="ledger.example/shop",
        person="p_k7",
        as_of_ms=1_790_000_000_600,
        state=PersonState([atom]),
        events=(
            event(16, "terms.granted", purpose="marketing", channel="*", notice=notice),
            event(32, "terms.withdrawn", purpose="marketing", channel="*"),
            event(48, "Product Viewed", name=NASTY),
        ),
        receipts=(Receipt(33, {"id": "t_33", "type": "terms", "at_ms": 5}),),
        known=(
            Known("traits.city", "Nice", "stated", 7, folded=False, meaning="m"),
            Known("traits.guess", "rich", "inferred", 7, folded=False, meaning="m"),
            Known("traits.bought", "x", "third_party", 7, folded=False, meaning="m"),
            Known("orders.count", 3, "observed", 0, folded=True, meaning="m", unit="orders"),
        ),
    )


def read(files, name):
    text = files[f"data/{name}.csv"].decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_same_state_gives_the_same_bytes_and_another_gives_others(taking):
    assert pack(taking, said, CONSENTS) == pack(taking, said, CONSENTS)
    other = event(64, "page")
    changed = Taking(
        **{n: getattr(taking, n) for n in taking.__struct_fields__} | {"events": (other,)}
    )
    assert pack(changed, said, CONSENTS) != pack(taking, said, CONSENTS)


def test_the_archive_opens_and_holds_every_file_once(taking):
    with zipfile.ZipFile(io.BytesIO(pack(taking, said, CONSENTS))) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == sorted(files_of(taking, said, CONSENTS))


def test_what_stands_in_a_cell_is_read_back_whatever_it_is(taking):
    row = read(files_of(taking, said, CONSENTS), "events")[2]
    assert json.loads(row["facts"])["name"] == NASTY


def test_every_file_is_named_in_the_descriptor_with_its_size_and_digest(taking):
    files = files_of(taking, said, CONSENTS)
    told = json.loads(files["datapackage.json"])
    entries = {entry["path"]: entry for entry in told["resources"] + told["files"]}
    assert set(entries) == set(files) - {"datapackage.json"}
    for path, entry in entries.items():
        assert entry["bytes"] == len(files[path])
        assert entry["hash"] == f"sha256:{sha256(files[path]).hexdigest()}"


def test_every_column_says_what_it_means_and_whether_it_is_the_persons_to_take(taking):
    told = json.loads(files_of(taking, said, CONSENTS)["datapackage.json"])
    for resource in told["resources"]:
        for field in resource["schema"]["fields"]:
            assert {"title", "description", "provenance", "purpose", "art20"} <= set(field)


def test_heads_and_schema_name_the_same_columns(taking):
    files = files_of(taking, said, CONSENTS)
    for table in TABLES:
        head = files[f"data/{table.name}.csv"].decode().splitlines()[0]
        assert head.split(",") == [column.name for column in table.columns]


def test_what_was_concluded_stands_apart_from_what_was_said(taking):
    files = files_of(taking, said, CONSENTS)
    art20 = {row["name"]: row["art20"] for row in read(files, "attributes")}
    assert art20 == {
        "handle.email": "true",
        "traits.city": "true",
        "traits.bought": "false",
    }
    assert {row["name"] for row in read(files, "inferred")} == {"traits.guess", "orders.count"}


def test_only_the_newest_word_on_a_purpose_is_in_force(taking):
    rows = read(files_of(taking, said, CONSENTS), "consents")
    assert [(row["kind"], row["in_force"]) for row in rows] == [
        ("terms.granted", "false"),
        ("terms.withdrawn", "true"),
    ]
    assert rows[0]["notice_sha256"] == "ab"


def test_the_budget_of_attention_goes_with_the_person(taking):
    rows = read(files_of(taking, said, CONSENTS), "terms")
    assert [(row["name"], row["value"]) for row in rows] == [("contacts a week", "2")]


def test_consent_records_go_as_they_were_handed_in(taking):
    files = files_of(taking, said, CONSENTS)
    assert json.loads(files["jsonld/consents.jsonld"]) == CONSENTS


def test_the_outbox_is_an_ordered_collection_of_what_the_person_did(taking):
    told = json.loads(files_of(taking, said, CONSENTS)["activity/outbox.json"])
    assert told["@context"][0] == "https://www.w3.org/ns/activitystreams"
    assert (told["type"], told["totalItems"]) == ("OrderedCollection", 3)
    assert [item["type"] for item in told["orderedItems"]] == ["Accept", "Reject", "View"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_is_in_its_language_and_nothing_of_a_name_is_taken_for_markup(taking, language):
    page = files_of(taking, said, CONSENTS)[f"README.{language}.html"].decode()
    assert f'<html lang="{language}">' in page
    assert "Halles &amp; Co" in page
    assert "<script" not in page
    assert "<b>" not in page


def test_without_a_key_a_receipt_goes_without_its_proof_and_no_program_is_promised(taking):
    files = files_of(taking, said, CONSENTS)
    assert json.loads(files["receipts/t_33.json"])["id"] == "t_33"
    assert "verify.py" not in files
    assert "vkey" not in files


def test_what_was_felt_and_wanted_has_tables_of_its_own():
    felt = Felt("welcome", 1_790_000_000_064, 64, 48, "thanks", "mail")
    aim = Aim(
        id="a", kind="spend_at_most", at_ms=1, seq=80, until_ms=9, most=49_900, currency="EUR"
    )
    back = Aim(id="b", kind="goal", at_ms=1, seq=96, until_ms=9, withdrawn=True)
    over = Aim(id="c", kind="goal", at_ms=1, seq=112, until_ms=9, text=NASTY)
    atom = AtomState(id=16, felt=[felt], aims=[aim, back, over])
    about = {"decision": "d_48", "play": "thanks", "option": "mail"}
    files = files_of(
        Taking(
            company="Halles",
            origin="ledger.example/shop",
            person="p_k7",
            as_of_ms=1_790_000_000_600,
            state=PersonState([atom]),
            events=(
                event(63, "felt", felt="not_now", **about),
                event(64, "felt", felt="welcome", **about),
            ),
            aims=(Balance(aim, 50_000, 49_900, 1_790_000_000_000, 1_791_000_000_000),),
        ),
        said,
        CONSENTS,
    )
    rows = read(files, "felt")
    assert [(row["felt"], row["in_force"]) for row in rows] == [
        ("not_now", "false"),
        ("welcome", "true"),
    ]
    assert rows[1]["decision"] == "d_48"
    one, two, three = read(files, "aims")
    assert (one["status"], one["most"], one["used"], one["left"]) == (
        "in force",
        "49.9",
        "50.0",
        "0.0",
    )
    assert (two["status"], two["kind"], two["until"]) == ("withdrawn", "", "")
    assert (three["status"], three["text"], three["used"]) == ("over", NASTY, "")


def test_what_a_person_looks_for_can_be_declared_again_from_the_table():
    mine = Intent(
        id="bike",
        at_ms=1,
        seq=80,
        until_ms=30 * 86_400_000,
        category="bike",
        must=("lights",),
        budget=299_900,
        currency="EUR",
        audience=("play:spring",),
    )
    back = Intent(id="boat", at_ms=2, seq=96, until_ms=9, withdrawn=True)
    over = Intent(id="coat", at_ms=1, seq=112, until_ms=9, category="coat", must=(NASTY,))
    files = files_of(
        Taking(
            company="Halles",
            origin="ledger.example/shop",
            person="p_k7",
            as_of_ms=1_790_000_000_600,
            state=PersonState([AtomState(id=16, intents=[mine, back, over])]),
            intents=(mine,),
        ),
        said,
        CONSENTS,
    )
    rows = read(files, "intents")
    assert [row["status"] for row in rows] == ["in force", "withdrawn", "over"]
    assert read_intent(json.loads(rows[0]["facts"]), 1, 80, "UTC", "server") == mine
    assert json.loads(rows[2]["must"]) == [NASTY]
