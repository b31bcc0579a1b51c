"""The rows of what a person said they want: how contacts felt, and what they want of themselves."""

from collections.abc import Iterator

from equipoise.nouns.aims import Aim, plain
from equipoise.rights.export.taking import Row, Taking, iso


def felt_rows(taking: Taking) -> Iterator[Row]:
    """Every answer to how a contact felt, oldest first, and whether it is the one that counts."""
    newest = {one.seq for atom in taking.state.atoms for one in atom.felt}
    for seq, event in taking.events:
        if event.kind != "felt":
            continue
        facts = event.facts
        yield (
            seq,
            iso(event.at_ms),
            str(facts.get("felt", "")),
            str(facts.get("decision", "")),
            str(facts.get("play", "")),
            str(facts.get("option", "")),
            event.source,
            seq in newest,
        )


def aim_rows(taking: Taking) -> Iterator[Row]:
    """Every aim that is remembered: where those that hold stand, and those taken back or over."""
    holding = {balance.aim.seq: balance for balance in taking.aims}
    aims = [aim for atom in taking.state.atoms for aim in atom.aims]
    for aim in sorted(aims, key=lambda aim: aim.seq):
        balance = holding.get(aim.seq)
        counted = balance is not None and aim.kind != "goal"
        yield (
            aim.seq,
            aim.id,
            "" if aim.withdrawn else aim.kind,
            "withdrawn" if aim.withdrawn else "in force" if balance is not None else "over",
            _plain(aim.most),
            _plain(aim.percent_below),
            "" if aim.kind == "goal" else aim.per,
            "" if aim.kind == "goal" else aim.zone,
            aim.what,
            aim.quantity,
            aim.category,
            aim.currency,
            aim.text,
            iso(aim.at_ms),
            _until(aim),
            _plain(balance.used) if balance is not None and counted else None,
            _plain(balance.left) if balance is not None and counted else None,
            iso(balance.starts_ms) if balance is not None and counted else "",
        )


def _plain(amount: int | None) -> float | None:
    return None if amount is None else float(plain(amount))


def _until(aim: Aim) -> str:
    return "" if aim.withdrawn else iso(aim.until_ms)
