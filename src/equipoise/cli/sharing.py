"""`equipoise share`: let a partner ask, end it, and see what was read; answers before fields."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from equipoise.cli import places
from equipoise.cli.options import spread
from equipoise.cli.places import AsJson, SettingsFile, StoreUrl
from equipoise.cli.serving import alone
from equipoise.cli.speaking import (
    Exit,
    Trouble,
    examples,
    note,
    say,
    say_exactly,
    show_json,
    show_table,
    when,
)

if TYPE_CHECKING:
    from equipoise.nouns.shares import Share, ShareRecord
    from equipoise.settings import Settings

DAY_MS = 86_400_000
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who answers for it.")]
Number = Annotated[str, typer.Argument(metavar="s_...", help="From `share list`.")]


def add_to(app: typer.Typer) -> None:
    """Give the app the commands `share open`, `list`, `end`, `token` and `reads`."""
    share = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        epilog=examples(("equipoise share list", "what partners may ask, and how often they did")),
    )
    share.command(
        "open",
        epilog=examples(
            ("equipoise share open 'Le Port' partner.entry --ask 'adult: traits.age >= 18' --by zoe", ""),
            ("equipoise share open 'Le Port' partner.entry --ask 'age: band traits.age 18 25' --by zoe", ""),
            ("equipoise share open City planning --ask 'many: count 50 traits.city = Nice' --by zoe", ""),
            (
                "equipoise share open Courier delivery --field traits.city --why 'carries parcels' --by zoe",
                "fields need the reason",
            ),
        ),
    )(open_)  # fmt: skip
    share.command("list", epilog=examples(("equipoise share list --json", "")))(list_)
    share.command("end", epilog=examples(("equipoise share end s_4096 --by zoe", "")))(end)
    share.command("token", epilog=examples(("equipoise share token s_4096 --days 7 --by zoe", "")))(
        token
    )
    share.command("reads", epilog=examples(("equipoise share reads s_4096", "")))(reads)
    app.add_typer(share, name="share", help="What partners may ask, and what they read.")


@dataclass(frozen=True, kw_only=True)
class Granted:
    """What a partner may ask, and what it owes for it."""

    by: By
    ask: Annotated[
        list[str] | None,
        typer.Option(
            "--ask", metavar="QUESTION", help="NAME: CONDITION, band or count; repeatable."
        ),
    ] = None
    field: Annotated[
        list[str] | None,
        typer.Option("--field", metavar="NAME", help="A raw field, where no answer will do."),
    ] = None  # fmt: skip
    why: Annotated[
        str, typer.Option("--why", metavar="TEXT", help="Why an answer will not do, for fields.")
    ] = ""
    days: Annotated[
        int, typer.Option("--days", min=0, help="Days until it ends; 0 has no end.")
    ] = 0
    delete_days: Annotated[
        int,
        typer.Option("--delete-days", min=0, help="Days until the partner deletes; 0: not set."),
    ] = 30
    delete_by: Annotated[
        str, typer.Option("--delete-by", metavar="DAY", help="Day by which the partner deletes.")
    ] = ""
    onward: Annotated[bool, typer.Option("--onward", help="The partner may pass it on.")] = False
    profiling: Annotated[
        bool, typer.Option("--profiling", help="The partner may conclude from it.")
    ] = False
    settings: SettingsFile = None
    store: StoreUrl = None
    as_json: AsJson = False


@spread
def open_(
    recipient: Annotated[str, typer.Argument(metavar="RECIPIENT", help="Name of the partner.")],
    purpose: Annotated[str, typer.Argument(metavar="PURPOSE", help="The one purpose it is for.")],
    granted: Granted,
) -> None:
    """Let a partner ask; prints its token, once. Questions with --ask first; fields need --why.

    Works while no engine runs; while one does, use the page `/shares` of the console.
    """
    from equipoise.compose.library import known_here
    from equipoise.compose.shares import NoQuestion, new_token, read_asked
    from equipoise.nouns.shares import Duties, OpenShare

    chosen = places.read(granted.settings, store=granted.store)
    known = known_here(settings=chosen)
    try:
        questions = tuple(read_asked(line, known) for line in granted.ask or ())
    except NoQuestion as fault:
        raise Trouble(f"--ask {fault}") from None
    text, kept = new_token(chosen.text("security.env"))
    reply = _ask(
        chosen,
        OpenShare(
            recipient=recipient,
            purpose=purpose,
            token=kept,
            by=granted.by,
            mode="fields" if granted.field else "answers",
            questions=questions,
            fields=tuple(granted.field or ()),
            why=granted.why,
            duties=Duties(
                no_onward=not granted.onward,
                no_profiling=not granted.profiling,
                delete_days=granted.delete_days,
                delete_by=granted.delete_by,
            ),
            until_ms=_now_ms() + granted.days * DAY_MS if granted.days else 0,
        ),
        recipient,
    )
    if granted.as_json:
        show_json(reply | {"token": text})
        return
    say(f"✓ {reply['share']} is open", "ok")
    _show_token(text)


@dataclass(frozen=True, kw_only=True)
class Ending:
    """Who ends a share, and why."""

    by: By
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; kept in the log.")] = ""
    settings: SettingsFile = None
    store: StoreUrl = None
    as_json: AsJson = False


@spread
def end(share: Number, ending: Ending) -> None:
    """End a share: its next read is refused.

    Works while no engine runs; while one does, use the page `/shares` of the console.
    """
    from equipoise.nouns.shares import EndShare

    chosen = places.read(ending.settings, store=ending.store)
    wish = EndShare(share=_number(share), by=ending.by, note=ending.note)
    reply = _ask(chosen, wish, share)
    if ending.as_json:
        show_json(reply)
        return
    say(f"✓ {reply['share']} has ended", "ok")


@dataclass(frozen=True, kw_only=True)
class Renewing:
    """Who gives a share another token, and how long the former one lives on."""

    by: By
    days: Annotated[int, typer.Option("--days", min=0, help="Days the former token lives on.")] = 7
    settings: SettingsFile = None
    store: StoreUrl = None
    as_json: AsJson = False


@spread
def token(share: Number, renewing: Renewing) -> None:
    """Give a share another token; the former one ends after some days."""
    from equipoise.compose.shares import new_token
    from equipoise.nouns.shares import RenewToken

    chosen = places.read(renewing.settings, store=renewing.store)
    text, kept = new_token(chosen.text("security.env"))
    until = datetime.now(UTC) + timedelta(days=renewing.days)
    until_ms = round(until.timestamp() * 1000)
    wish = RenewToken(share=_number(share), token=kept, until_ms=until_ms, by=renewing.by)
    reply = _ask(chosen, wish, share)
    if renewing.as_json:
        show_json(reply | {"token": text})
        return
    say(f"✓ {reply['share']} has another token", "ok")
    _show_token(text)


def list_(settings: SettingsFile = None, store: StoreUrl = None, as_json: AsJson = False) -> None:
    """List what partners may ask, the newest first, with how often they did."""
    chosen = places.read(settings, store=store)
    kept, intake = places.open_to_read(chosen)
    try:
        rows = [_row(share) for share in reversed(kept.shares())]
    finally:
        kept.close()
        intake.close()
    if as_json:
        show_json(rows)
        return
    if not rows:
        say("Nothing is shared with anybody. `equipoise share open --help` shows how.")
        return
    show_table(
        ("share", "recipient", "purpose", "gives", "granted", "refused", "nobody", "until"),
        [
            (
                row["share"],
                row["recipient"],
                row["purpose"],
                "; ".join([*row["questions"].values(), *row["fields"]]),
                str(row["granted"]),
                str(row["refused"]),
                str(row["nobody"]),
                "over" if not row["alive"] else when(row["until_ms"]) if row["until_ms"] else "",
            )
            for row in rows
        ],
        right=("granted", "refused", "nobody"),
    )


def reads(
    share: Number,
    most: Annotated[int, typer.Option("--most", min=1, help="How many to list.")] = 50,
    settings: SettingsFile = None,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """List the reads of a share, newest first; what was said stands in the person's receipt alone."""
    chosen = places.read(settings, store=store)
    kept, intake = places.open_to_read(chosen)
    try:
        rows: list[dict[str, Any]] = [
            {
                "receipt": read.receipt,
                "at_ms": read.at_ms,
                "outcome": read.outcome,
                "reason": read.reason,
                "asked": list(read.asked),
                "purpose": read.purpose,
                "about_somebody": bool(read.atom),
            }
            for read in kept.share_reads([_number(share)], most)
        ]
    finally:
        kept.close()
        intake.close()
    if as_json:
        show_json(rows)
        return
    if not rows:
        say("Nothing was read.")
        return
    show_table(
        ("receipt", "when", "outcome", "reason", "asked"),
        [
            (row["receipt"], when(row["at_ms"]), row["outcome"], row["reason"], ", ".join(row["asked"]))
            for row in rows
        ],
    )  # fmt: skip


def _row(share: "Share") -> dict[str, Any]:
    from equipoise.account.shares import asks, duties_of

    return {
        "share": share.id,
        "recipient": share.recipient,
        "purpose": share.purpose,
        "mode": share.mode,
        "questions": {question.name: f"{question.name}: {asks(question)}" for question in share.questions},
        "fields": list(share.fields),
        "why": share.why,
        "duties": duties_of(share.duties),
        "by": share.by,
        "opened_ms": share.opened_ms,
        "until_ms": share.until_ms,
        "ended_ms": share.ended_ms,
        "alive": share.lives(_now_ms()),
        "granted": share.granted,
        "refused": share.refused,
        "nobody": share.nobody,
    }  # fmt: skip


def _ask(chosen: "Settings", record: "ShareRecord", whom: str) -> dict[str, Any]:
    """Put a record into the log of a house that nobody else serves; raises `Trouble`."""
    import msgspec

    from equipoise.compose import Engine

    alone(chosen)
    with Engine.open(chosen.text("store"), settings=chosen) as engine:
        reply: dict[str, Any] = msgspec.json.decode(engine.ask("share", record))
    if not reply["ok"]:
        raise Trouble(f"{whom}: {reply['reason']}", Exit.NOT_WELL)
    return reply


def _show_token(text: str) -> None:
    note("The partner's token. It is shown once; only its digest is kept.")
    say_exactly(text)


def _number(text: str) -> int:
    from equipoise.show.addresses import record_number

    number = record_number(text)
    if number is None:
        raise Trouble(f"{text!r}: write a share as s_4096; `equipoise share list` lists them")
    return number


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
