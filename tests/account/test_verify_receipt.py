"""The outsider's script agrees with the house on every bundle, and holds no part of it."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import equipoise.account
from account.kept import ORIGIN, VKEY, Kept
from equipoise.account.note import NoteSigner
from equipoise.account.verify import verify_receipt
from equipoise.account.verify_receipt import check, main

SCRIPT = Path(equipoise.account.__file__).with_name("verify_receipt.py")
KEPT = Kept(100, 33)
BLOB = KEPT.bundle(64)
MEMBERS = json.loads(BLOB)
OTHER_VKEY = NoteSigner(ORIGIN, bytes(32)).key.vkey


def run(*arguments):
    """The script by itself: `-I` keeps this project's folders off its path."""
    command = [sys.executable, "-I", str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_script_is_short_and_imports_nothing_of_ours():
    text = SCRIPT.read_text("utf-8")
    names = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert len(text.splitlines()) < 120
    assert {name.split(".")[0] for name in names} - sys.stdlib_module_names == {"cryptography"}


def test_a_sound_bundle_is_proven(tmp_path):
    file = tmp_path / "bundle.json"
    file.write_bytes(BLOB)
    done = run(file, VKEY)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        f"PROVEN: this receipt is leaf 64 of the 133 that {ORIGIN} has signed"
    )
    assert "Compare" not in done.stdout


def test_without_a_key_the_reader_is_told_to_compare(tmp_path):
    file = tmp_path / "bundle.json"
    file.write_bytes(BLOB)
    done = run(file)
    assert done.returncode == 0
    assert VKEY in done.stdout
    assert "Compare this key" in done.stdout


def test_a_tampered_bundle_exits_with_one_and_says_why(tmp_path):
    file = tmp_path / "bundle.json"
    file.write_bytes(BLOB.replace(b"caf", b"cas"))
    done = run(file, VKEY)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == "NOT PROVEN: this receipt does not stand at its place in the ledger\n"


@pytest.mark.parametrize("arguments", [[], ["a", "b", "c"], ["no-such-file.json"]])
def test_a_wrong_call_exits_with_one_and_says_why(arguments, capfd):
    assert main(arguments) == 1
    assert "NOT PROVEN: " in capfd.readouterr().out


def outcome(tmp_path, blob, *keys):
    file = tmp_path / "bundle.json"
    file.write_bytes(blob)
    return main([str(file), *keys])


def test_every_changed_bit_is_refused_as_the_house_refuses_it(tmp_path):
    compact = json.dumps(MEMBERS, separators=(",", ":"), ensure_ascii=False).encode()
    assert outcome(tmp_path, compact, VKEY) == 0
    for at in range(len(compact)):
        changed = bytearray(compact)
        changed[at] ^= 1 << (at % 8)
        assert outcome(tmp_path, bytes(changed), VKEY) == 1, at


def with_member(name, value):
    return json.dumps(MEMBERS | {name: value}).encode()


PROOF = MEMBERS["proof"]


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"a":' * 100_000,
        BLOB.replace(b'"v": 1', b'"v": 1, "v": 1'),
        BLOB.replace(b'"v": 1', b'"v": 1.0'),
        BLOB.replace(b'"v": 1', b'"v": NaN'),
        BLOB.replace(b'"v": 1', b'"v": 9007199254740992'),
        BLOB.replace(b'"v"', '"é"'.encode()),
        BLOB.replace(b'"decision"', b'"\\ud800"'),
        with_member("more", 1),
        with_member("receipt", []),
        with_member("salt", "00" * 31),
        with_member("salt", MEMBERS["salt"].replace("00", "00 ")),
        with_member("proof", 1),
        with_member("proof", PROOF.replace("index 64", "index 064")),
        with_member("proof", PROOF.replace("index 64", "index -64")),
        with_member("proof", PROOF.replace("index 64", "index 65")),
        with_member("proof", PROOF.replace("index 64", f"index 64\n{'A' * 43}=")),
        with_member("proof", PROOF.replace("@v1", "@v2")),
        with_member("proof", PROOF.removesuffix("\n")),
        with_member("proof", PROOF.replace("\n133\n", "\n134\n")),
        with_member("vkey", None),
        with_member("vkey", OTHER_VKEY),
        with_member("vkey", VKEY.replace(ORIGIN, "other.example")),
    ],
    ids=range(26),
)
def test_house_and_script_refuse_the_same_bundles(tmp_path, blob):
    assert not verify_receipt(blob).holds
    assert outcome(tmp_path, blob) == 1


def test_the_key_of_somebody_else_is_refused(tmp_path):
    assert outcome(tmp_path, BLOB, OTHER_VKEY) == 1
    with pytest.raises(ValueError, match="published one"):
        check(BLOB, OTHER_VKEY)


def test_every_receipt_of_a_ledger_is_proven():
    for number in range(0, 133, 11):
        assert f"leaf {number} of the 133" in check(KEPT.bundle(number), VKEY)
