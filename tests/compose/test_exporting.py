"""What a person takes away from a living house: all of it, in valid form, proven by a program inside."""

import csv
import io
import json
import subprocess
import sys
import zipfile

import pytest

from equipoise.account.note import NoteSigner
from equipoise.account.publishing import Publisher
from equipoise.compose.exporting import Exporter, NobodyHere, field_names
from equipoise.nouns.hypotheses import Hypothesis, Likeness
from equipoise.nouns.shares import StopSharing
from equipoise.remember.gathering import Gathered
from equipoise.rights.export.columns import TABLES
from equipoise.settings import read_settings
from equipoise.stores.keyring import new_keyring
from house import THANKS, house, identify, track, welcome
from partners import ANA, ask, read, shop

KEY = NoteSigner("ledger.localhost/equipoise", new_keyring(b"test").ledger).key


@pytest.fixture
def lived():
    """A house in which Ana ordered three times, and Zoe once."""
    with house() as engine:
        engine.add_play(THANKS)
        engine.take(welcome("ana"))
        engine.take([track("ana", "Order Completed", n, total=3.5) for n in range(3)])
        engine.take([identify("zoe", email="zoe@example.org"), track("zoe", "Order Completed")])
        yield engine


@pytest.fixture
def exporter(lived):
    settings = read_settings(environ={}, given={"seed": "test"})
    return Exporter(lived.store, settings, Publisher(lived.store, KEY))


@pytest.fixture
def ana(lived):
    return lived.store.people_after(0, 1)[0]


@pytest.fixture
def unpacked(exporter, ana, tmp_path):
    with zipfile.ZipFile(io.BytesIO(exporter.archive(ana))) as archive:
        archive.extractall(tmp_path)
    return tmp_path


def test_every_event_and_receipt_of_the_person_is_in_it_and_nobody_elses(unpacked):
    everything = b"".join(file.read_bytes() for file in unpacked.rglob("*") if file.is_file())
    assert b"zoe" not in everything
    assert (unpacked / "data/events.csv").read_text().count("Order Completed/") == 3
    assert len(list((unpacked / "receipts").glob("d_*.json"))) == 3
    assert len(list((unpacked / "receipts").glob("t_*.json"))) == 1


def test_the_program_inside_proves_every_receipt_and_no_altered_one(unpacked):
    vkey = (unpacked / "vkey").read_text().strip()
    verify = [sys.executable, "verify.py"]
    for receipt in sorted((unpacked / "receipts").glob("*.json")):
        done = subprocess.run(
            [*verify, receipt, vkey], cwd=unpacked, capture_output=True, check=False
        )
        assert done.stdout.startswith(b"PROVEN"), done
    receipt = next((unpacked / "receipts").glob("d_*.json"))
    receipt.write_text(receipt.read_text().replace('"marketing"', '"service"'))
    done = subprocess.run([*verify, receipt, vkey], cwd=unpacked, capture_output=True, check=False)
    assert (done.returncode, done.stdout[:10]) == (1, b"NOT PROVEN")


def test_the_data_package_is_valid_in_every_row(unpacked):
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.validate(str(unpacked / "datapackage.json"))
    assert report.valid, report.to_summary()
    assert len(report.tasks) == len(TABLES)


def test_a_row_that_breaks_its_schema_is_seen(unpacked):
    frictionless = pytest.importorskip("frictionless")
    file = unpacked / "data/events.csv"
    file.write_text(file.read_text().replace("2026-03-10T", "yesterday "))
    assert not frictionless.validate(str(unpacked / "datapackage.json")).valid


def test_the_same_state_gives_the_same_bytes_and_a_new_event_gives_others(exporter, lived, ana):
    before = exporter.archive(ana)
    assert exporter.archive(ana) == before
    lived.take([track("ana", "Product Viewed")])
    assert exporter.archive(ana) != before


def test_every_field_of_the_catalogue_that_is_known_is_in_it(exporter, lived, ana):
    taking = exporter.taking(ana)
    told = {known.name for known in taking.known}
    names = set(field_names(Gathered(taking.state.atoms)))
    assert {"events.Order Completed.count", "channels.server.count", "traits.email"} <= told
    assert told <= names
    assert {"known", "has.email", "orders.count"} - names == {"orders.count"}


def test_consents_are_records_of_the_vocabulary_about_this_person(unpacked):
    told = json.loads((unpacked / "jsonld/consents.jsonld").read_text())
    (record,) = told["@graph"]
    assert "dpv:ConsentRecord" in json.dumps(record["@type"])
    assert "marketing" in json.dumps(record)


def test_nobody_has_no_archive(exporter):
    with pytest.raises(NobodyHere, match="nobody of this number"):
        exporter.archive(7)


def test_without_a_publisher_the_receipts_go_without_proof(lived, ana, tmp_path):
    blob = Exporter(lived.store, read_settings(environ={})).archive(ana)
    with zipfile.ZipFile(io.BytesIO(blob)) as archive:
        names = archive.namelist()
        decision = next(name for name in names if name.startswith("receipts/d_"))
        assert json.loads(archive.read(decision))["type"] == "decision"
    assert not [name for name in names if name.endswith(".tlog-proof")]


def test_every_read_of_a_partner_is_in_it_with_its_outcome_and_the_persons_no(tmp_path):
    engine, share = shop()
    read(engine, share, "adult")
    ask(engine, StopSharing(recipient="Crèche", handles=(ANA,)))
    read(engine, share, "age")
    settings = read_settings(environ={}, given={"seed": "test"})
    exporter = Exporter(engine.store, settings, Publisher(engine.store, KEY))
    (person,) = engine.store.people_after(0, 9)
    with zipfile.ZipFile(io.BytesIO(exporter.archive(person))) as archive:
        archive.extractall(tmp_path)
    rows = list(csv.DictReader((tmp_path / "data/shares.csv").read_text().splitlines()))
    assert [row["outcome"] for row in rows] == ["granted", "refused"]
    assert json.loads(rows[0]["what"]) == {"answer": {"adult": "yes"}}
    assert (rows[1]["reason"], json.loads(rows[1]["what"])) == ("share_stopped", {})
    assert json.loads(rows[1]["asked"]) == ["age"]
    assert "nothing to" in (tmp_path / "data/terms.csv").read_text()
    assert len(list((tmp_path / "receipts").glob("v_*.json"))) == 3


def test_a_hypothesis_is_in_it_without_whom_and_by_what_it_was_about(lived, exporter, ana):
    _, zoe = lived.store.people_after(0, 2)
    alike = (Likeness("family_name", "exact", 6.5),)
    lived.suppose([Hypothesis(left=ana, right=zoe, score=0.97, evidence=alike)])
    (kept,) = lived.store.hypotheses_of([ana])
    lived.answer_join(kept.id, "refuse", "olga", note="zoe is her sister")
    records = [one for one in exporter.taking(ana).records if one.kind in ("join", "hypothesis")]
    assert [(one.seq, one.kind) for one in records] == [(kept.seq, "hypothesis")]
    assert records[0].body["state"] == "refused"
    archive = zipfile.ZipFile(io.BytesIO(exporter.archive(ana)))
    told = b"".join(archive.read(name) for name in archive.namelist())
    assert b"refused" in told
    assert b"sister" not in told
    assert b"family_name" not in told


def test_a_split_by_handles_does_not_tell_whose_they_are(lived, exporter, ana):
    lived.split(ana, [], "olga", "her sister", [("email", "ana@example.org")])
    (split,) = (one for one in exporter.taking(ana).records if one.kind == "split")
    assert split.body == {"by": "olga"}
