"""Check one Equipoise receipt without Equipoise: `python verify_receipt.py BUNDLE.json [VKEY]`.

Needs Python 3.9 or newer and the package `cryptography`. Give as VKEY the ledger key that the
company publishes; without it the key in the file is used, which proves only that the file agrees
with itself. Exit code 0: the receipt stands in the signed ledger, unaltered. Exit code 1: not so.
"""

import base64
import hashlib
import hmac
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def _need(holds: object, sentence: str) -> None:
    if not holds:
        raise ValueError(sentence)


def _whole(text: str) -> int:
    number = int(text)
    _need(str(number) == text and abs(number) < 2**53, f"{text[:40]} is no whole number in range")
    return number


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    _need(len(dict(pairs)) == len(pairs), "a name appears twice in one object")
    _need(all(name.isascii() for name, _ in pairs), "a name is not ASCII text")
    return dict(pairs)


def _decode(text: str) -> bytes:
    blob = base64.b64decode(text, validate=True)
    _need(base64.b64encode(blob).decode() == text, f"{text[:40]} is not canonical base64")
    return blob


def _open_checkpoint(note: str, vkey: str) -> tuple[str, int, bytes]:
    """The origin, size and root in a note signed by the key (C2SP signed-note, tlog-checkpoint)."""
    name, key_id, encoded = vkey.split("+", 2)
    key = _decode(encoded)
    digest = hashlib.sha256(name.encode() + b"\n" + key).digest()
    _need(len(key) == 33 and key[0] == 1, "the key is not an Ed25519 key")
    _need(digest[:4].hex() == key_id, "the key's id does not fit the key")
    text, _, lines = note.rpartition("\n\n")
    text, signed = text + "\n", False
    for line in lines.removesuffix("\n").split("\n"):
        dash, signer, encoded = line.split(" ")
        blob = _decode(encoded)
        _need(dash == "—" and len(blob) > 4, "a signature line is malformed")
        if (signer, blob[:4]) == (name, digest[:4]):
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(blob[4:], text.encode())
            signed = True
    _need(signed and lines.endswith("\n"), "the checkpoint is not signed by this key")
    origin, size, root = text.split("\n")[:3]
    _need(origin == name, "the checkpoint is of another ledger than the key")
    return origin, _whole(size), _decode(root)


def _root_of(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that an inclusion path leads to (RFC 9162, section 2.1.3.2)."""
    _need(0 <= index < size and {*map(len, path)} <= {32}, "the path is malformed")
    reached, last = hashlib.sha256(b"\x00" + leaf).digest(), size - 1
    for sibling in path:
        _need(last > 0, "the path is too long")
        if index % 2 or index == last:
            reached = hashlib.sha256(b"\x01" + sibling + reached).digest()
            while index and index % 2 == 0:
                index, last = index // 2, last // 2
        else:
            reached = hashlib.sha256(b"\x01" + reached + sibling).digest()
        index, last = index // 2, last // 2
    _need(last == 0, "the path is too short")
    return reached


def check(blob: bytes, vkey: str = "") -> str:
    """What the bundle proves, in words; raises `ValueError` or `InvalidSignature` if nothing."""
    reader = json.JSONDecoder(
        object_pairs_hook=_object, parse_int=_whole, parse_float=_whole, parse_constant=_whole
    )
    bundle = reader.decode(blob.decode())
    _need(set(bundle) == {"receipt", "salt", "proof", "vkey"}, "the bundle needs four members")
    _need(vkey in ("", bundle["vkey"]), "the key in the file is not the published one")
    order = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    body, salt = order.encode(bundle["receipt"]).encode(), bytes.fromhex(bundle["salt"])
    _need(len(salt) == 32 and salt.hex() == bundle["salt"], "the salt is malformed")
    leaf = b"eq1\x00" + hmac.digest(salt, body, "sha256")
    head, _, note = bundle["proof"].partition("\n\n")
    first, place, *hashes = head.split("\n")
    _need((first, place[:6]) == ("c2sp.org/tlog-proof@v1", "index "), "the proof is malformed")
    origin, size, root = _open_checkpoint(note, bundle["vkey"])
    index = _whole(place[6:])
    reached = _root_of(leaf, index, size, [_decode(line) for line in hashes])
    _need(reached == root, "this receipt does not stand at its place in the ledger")
    return f"leaf {index} of the {size} that {origin} has signed\nkey: {bundle['vkey']}"


def main(arguments: list[str]) -> int:
    """Check the file named first, print the finding, return the exit code."""
    try:
        _need(len(arguments) in (1, 2), f"usage: {(__doc__ or '').splitlines()[0]}")
        with open(arguments[0], "rb") as file:  # noqa: PTH123 - one import less to trust
            found = check(file.read(), *arguments[1:])
        advice = "" if arguments[1:] else "\nCompare this key with the one the company publishes."
        words, code = f"PROVEN: this receipt is {found}{advice}", 0
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OSError) as fault:
        words, code = f"NOT PROVEN: {fault}", 1
    except InvalidSignature:
        words, code = "NOT PROVEN: the checkpoint's signature does not fit; it was altered", 1
    sys.stdout.buffer.write(f"{words}\n".encode(errors="replace"))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
