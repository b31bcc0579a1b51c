"""The receipts of what people say they want: how a contact felt, their aims, and what they look for.

A person's own words stay in the log; the receipt has their SHA-256, so that they can be proven.
"""

from hashlib import sha256
from typing import Any

from equipoise.account.receipts import VERSION
from equipoise.canon import canonical
from equipoise.nouns.aims import Aim, plain
from equipoise.nouns.events import Event
from equipoise.nouns.intents import Intent, words_of
from equipoise.nouns.wishes import Felt


def felt_receipt(
    event: Event, felt: Felt, before: Felt | None, seq: int, whom: tuple[int, int]
) -> dict[str, Any]:
    """The receipt of one answer to how a contact felt; `whom` is the person and the atom.

    `before` is the answer about the same contact whose place it took.
    """
    receipt = _receipt("felt", "f", event, seq, whom) | {"felt": felt.answer}
    if felt.decision:
        receipt["decision"] = f"d_{felt.decision}"
    if felt.play:
        receipt["play"] = felt.play
    if felt.option:
        receipt["option"] = felt.option
    if before is not None:
        receipt["before"] = before.answer
    return receipt


def aim_receipt(
    event: Event, aim: Aim, before: Aim | None, seq: int, whom: tuple[int, int]
) -> dict[str, Any]:
    """The receipt of an aim that was declared or taken back; `whom` is the person and the atom.

    Amounts are texts. `replaces` is the number of the record that had declared the same id.
    """
    receipt = _receipt("aim", "w", event, seq, whom) | {"kind": event.kind, "aim": aim.id}
    if before is not None:
        receipt["replaces"] = before.seq
    if aim.withdrawn:
        return receipt
    said: dict[str, Any] = {"kind": aim.kind, "until_ms": aim.until_ms}
    if aim.kind != "goal":
        said |= {"per": aim.per, "zone": aim.zone}
    if aim.most is not None:
        said["most"] = plain(aim.most)
    if aim.percent_below is not None:
        said["percent_below"] = plain(aim.percent_below)
    for name in ("what", "quantity", "category", "currency"):
        if getattr(aim, name):
            said[name] = getattr(aim, name)
    if aim.text:
        said["text_sha256"] = sha256(aim.text.encode()).hexdigest()
    return receipt | {"said": said}


def intent_receipt(
    event: Event, intent: Intent, before: Intent | None, seq: int, whom: tuple[int, int]
) -> dict[str, Any]:
    """The receipt of an intent that was declared or taken back; `whom` is the person and the atom.

    It has the SHA-256 of `words_of` in canonical JSON and none of the words: a receipt is seen by more
    people than an audience. `replaces` is the number of the record that had declared the same id.
    """
    receipt = _receipt("intent", "i", event, seq, whom) | {"kind": event.kind}
    if before is not None:
        receipt["replaces"] = before.seq
    if intent.withdrawn:
        return receipt
    said = sha256(canonical(words_of(intent))).hexdigest()
    return receipt | {"said_sha256": said, "until_ms": intent.until_ms}


def _receipt(
    type_: str, letter: str, event: Event, seq: int, whom: tuple[int, int]
) -> dict[str, Any]:
    person, atom = whom
    return {
        "v": VERSION,
        "type": type_,
        "id": f"{letter}_{seq}",
        "seq": seq,
        "person": person,
        "atom": atom,
        "at_ms": event.at_ms,
        "received_ms": event.received_ms,
        "event": event.id,
        "source": event.source,
        "trust": event.trust,
    }
