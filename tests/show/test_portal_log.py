"""The page about the log: heads that were kept, and proofs that hold on any machine without a network."""

import inspect
import re
import subprocess
import sys
from html import unescape

import pytest

from equipoise.account import verify_receipt
from house import send, track
from show.guests import Portal, say
from show.visiting import lively

OFFLINE = """
import runpy, sys

def refuse(event, args):
    if event.startswith("socket."):
        raise SystemExit(f"asked the network: {event}")

sys.addaudithook(refuse)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a program that ends at once where it asks for a socket."""


@pytest.fixture
def portal() -> Portal:
    return Portal(lively(), checker=inspect.getsource(verify_receipt))


def test_the_log_continues_a_head_that_was_kept_and_no_other(portal) -> None:
    client, engine = portal.enter(), portal.engine
    head = engine.store.position().checkpoint
    send(engine, [track("bo", "Order Completed", 7)])
    kept = say(client, "/me/log", "/me/log", head=head.replace("\n", "\r\n"))
    assert "It holds" in unescape(kept.text)
    lines = head.splitlines()
    forged = "\n".join([lines[0], lines[1], lines[2][::-1], *lines[3:]]) + "\n"
    assert "does not hold" in unescape(say(client, "/me/log", "/me/log", head=forged).text)
    assert "does not hold" in unescape(say(client, "/me/log", "/me/log", head="nonsense").text)


def test_the_proof_holds_without_a_network_under_the_key_of_the_page(portal, tmp_path) -> None:
    client = portal.enter()
    page = unescape(client.get("/me/log?lang=en").text)
    command = re.search(r"python (verify\.py) (receipt-(\d+)\.json) \"(.+)\"", page)
    program, file, seq, vkey = command.groups()
    taken = client.get("/me/verify.py")
    assert f'filename="{program}"' in taken.headers["content-disposition"]
    (tmp_path / program).write_bytes(taken.content)
    proof = client.get(f"/me/proofs/{seq}.json")
    assert f'filename="{file}"' in proof.headers["content-disposition"]
    (tmp_path / file).write_bytes(proof.content)
    forged = proof.content.replace(b'"at_ms": 1', b'"at_ms": 2', 1)
    assert forged != proof.content
    (tmp_path / "forged.json").write_bytes(forged)
    assert run(tmp_path, program, file, vkey).stdout.startswith("PROVEN: ")
    for wrong in (("forged.json", vkey), (file, vkey[:-6] + "AAAAA=")):
        told = run(tmp_path, program, *wrong)
        assert (told.returncode, told.stdout[:10]) == (1, "NOT PROVEN"), told


def run(folder, *command):
    return subprocess.run(
        [sys.executable, "-I", "-c", OFFLINE, *command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_program_is_for_whoever_has_entered(portal) -> None:
    assert portal.browser().get("/me/verify.py").status_code == 303
