"""`equipoise aggregate`: figures about many people for a city or a partner, with noise and on a budget."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, get_args

import msgspec
import typer

from equipoise.cli import places
from equipoise.cli.options import spread
from equipoise.cli.places import AsJson, SettingsFile, StoreUrl
from equipoise.cli.serving import alone
from equipoise.cli.speaking import Exit, Trouble, examples, note, say, show_json, show_table, when
from equipoise.nouns.aggregates import MICRO, Measure

if TYPE_CHECKING:
    from equipoise.doors.aggregates import AggregateCell, AggregateReply

By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who allows it for the house.")]
Recipient = Annotated[
    str, typer.Argument(metavar="RECIPIENT", help="As the source of its key is called.")
]


def add_to(app: typer.Typer) -> None:
    """Give the app the commands `aggregate allow`, `aggregate end`, `aggregate list`, `aggregate ask`."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
    group.command(
        "allow",
        epilog=examples(
            (
                "equipoise aggregate allow sete --purpose analytics --field traits.quarter --by zoe",
                "",
            ),
            (
                "equipoise aggregate allow sete --purpose analytics --epsilon 1 --days 90 --by zoe",
                "",
            ),
        ),
    )(allow)
    group.command("end", epilog=examples(("equipoise aggregate end sete --by zoe", "")))(end)
    group.command("list", epilog=examples(("equipoise aggregate list --json", "")))(list_all)
    group.command(
        "ask",
        epilog=examples(
            (
                "equipoise aggregate ask sete --purpose analytics --by traits.quarter --keys north,port",
                "",
            ),
            (
                "equipoise aggregate ask sete mean --purpose analytics --field orders.mean --bounds 0:200",
                "",
            ),
        ),
    )(ask)
    app.add_typer(
        group,
        name="aggregate",
        help="Figures about many people, with noise and on a budget.",
        epilog=examples(("equipoise aggregate list", "")),
    )


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a recipient may ask, and for how much."""

    by: By
    purpose: Annotated[str, typer.Option("--purpose", metavar="NAME", help="What for.")]
    fields: Annotated[
        list[str] | None,
        typer.Option("--field", metavar="FIELD", help="A profile field it may ask about."),
    ] = None
    epsilon: Annotated[
        float,
        typer.Option(
            "--epsilon", metavar="E", help="Its budget in a calendar year; 0: the house's."
        ),
    ] = 0.0
    days: Annotated[int, typer.Option("--days", metavar="N", help="Until then; 0: no end.")] = 0
    settings: SettingsFile = None
    store: StoreUrl = None
    as_json: AsJson = False


@spread
def allow(recipient: Recipient, grant: Grant) -> None:
    """Let a recipient ask, for one purpose and about the fields named alone; a former grant is replaced.

    Works while no engine runs.
    """
    from equipoise.compose import Engine
    from equipoise.nouns.aggregates import AllowAggregates
    from equipoise.rights.aggregates.asking import millionths

    chosen = places.read(grant.settings, store=grant.store)
    alone(chosen)
    with Engine.open(chosen.text("store"), settings=chosen) as engine:
        until_ms = engine.clock.now_ms() + grant.days * 86_400_000 if grant.days else 0
        record = AllowAggregates(
            recipient=recipient,
            purpose=grant.purpose,
            by=grant.by,
            fields=tuple(grant.fields or ()),
            epsilon=millionths(grant.epsilon),
            until_ms=until_ms,
        )
        _done(msgspec.json.decode(engine.ask("aggregate", record)), as_json=grant.as_json)


def end(
    recipient: Recipient,
    by: By,
    settings: SettingsFile = None,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Let a recipient ask no more, from its next question on. Works while no engine runs."""
    from equipoise.compose import Engine
    from equipoise.nouns.aggregates import EndAggregates

    chosen = places.read(settings, store=store)
    alone(chosen)
    with Engine.open(chosen.text("store"), settings=chosen) as engine:
        record = EndAggregates(recipient=recipient, by=by)
        _done(msgspec.json.decode(engine.ask("aggregate", record)), as_json=as_json)


def _done(reply: dict[str, Any], *, as_json: bool) -> None:
    if not reply["ok"]:
        raise Trouble(reply["reason"], Exit.NOT_WELL)
    if as_json:
        show_json(reply)
        return
    say(f"✓ {reply['recipient']}", "ok")


def list_all(
    settings: SettingsFile = None, store: StoreUrl = None, as_json: AsJson = False
) -> None:
    """Show who may ask, what is left of this year's budget, and every answer that left."""
    from equipoise.compose.aggregating import spendings, summary
    from equipoise.compose.library import SystemClock

    chosen = places.read(settings, store=store)
    kept, intake = places.open_to_read(chosen)
    try:
        year = datetime.fromtimestamp(SystemClock().now_ms() / 1000, UTC).year
        spent = spendings(kept, chosen, year)
        releases = [summary(one) for one in kept.releases()]
    finally:
        kept.close()
        intake.close()
    if as_json:
        show_json({"recipients": spent, "releases": releases})
        return
    if not spent:
        say("✓ nobody may ask for figures", "ok")
        return
    show_table(
        ("recipient", "purpose", f"asked {year}", "epsilon", "of"),
        [
            (
                one.recipient,
                one.purpose,
                str(one.questions),
                f"{one.epsilon / MICRO:g}",
                f"{one.budget / MICRO:g}",
            )
            for one in spent
        ],
        right=(f"asked {year}", "epsilon", "of"),
    )
    show_table(
        ("receipt", "at", "recipient", "day", "question", "epsilon"),
        [
            (
                one["receipt"],
                when(one["at_ms"]),
                one["recipient"],
                one["day"],
                one["question"],
                f"{one['epsilon']:g}",
            )
            for one in releases
        ],
        right=("epsilon",),
    )


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One question, and what it may cost."""

    measure: Annotated[
        str, typer.Argument(metavar="MEASURE", help=f"{', '.join(get_args(Measure))}.")
    ] = "count"
    purpose: Annotated[str, typer.Option("--purpose", metavar="NAME", help="As it was allowed.")]
    field: Annotated[
        str, typer.Option("--field", metavar="FIELD", help="The number of a sum or a mean.")
    ] = ""
    bounds: Annotated[
        str, typer.Option("--bounds", metavar="LOWER:UPPER", help="To which it is cut.")
    ] = ""
    decimals: Annotated[
        int, typer.Option("--decimals", metavar="N", help="To which it is rounded.")
    ] = 2
    group: Annotated[
        str, typer.Option("--by", metavar="FIELD", help="The field of a person's group.")
    ] = ""
    keys: Annotated[
        str, typer.Option("--keys", metavar="A,B", help="The groups asked about, by commas.")
    ] = ""
    where: Annotated[
        str, typer.Option("--where", metavar="CONDITION", help="Who counts, as a play says it.")
    ] = ""
    day: Annotated[
        str, typer.Option("--day", metavar="DATE", help="A UTC day that is over; yesterday.")
    ] = ""
    epsilon: Annotated[
        float, typer.Option("--epsilon", metavar="E", help="What the answer may cost.")
    ] = 0.1
    settings: SettingsFile = None
    store: StoreUrl = None
    as_json: AsJson = False


@spread
def ask(recipient: Recipient, wanted: Wanted) -> None:
    """Answer a question in a recipient's name, from its budget; the same question costs nothing again.

    Works while no engine runs; while one does, the recipient asks it with `POST /v1/aggregates`.
    """
    from equipoise.compose import Engine
    from equipoise.compose.aggregating import figures_of
    from equipoise.doors.answers import Refusal

    if wanted.measure not in get_args(Measure):
        raise Trouble(f"MEASURE {wanted.measure!r}: needs one of {', '.join(get_args(Measure))}")
    chosen = places.read(wanted.settings, store=wanted.store)
    alone(chosen)
    with Engine.open(chosen.text("store"), settings=chosen) as engine:
        figures = figures_of(chosen, engine)
        try:
            reply = asyncio.run(figures.ask_as(recipient, _told(wanted), wanted.where))
        except Refusal as no:
            raise Trouble(no.trouble.message, Exit.NOT_WELL) from None
    if wanted.as_json:
        show_json(reply)
        return
    _show(reply)


def _told(wanted: Wanted) -> dict[str, Any]:
    lower, colon, upper = wanted.bounds.partition(":")
    try:
        bounds = {"lower": float(lower), "upper": float(upper)} if colon else {}
    except ValueError:
        raise Trouble(f"--bounds {wanted.bounds!r}: write LOWER:UPPER, such as 0:200") from None
    return bounds | {
        "purpose": wanted.purpose,
        "measure": wanted.measure,
        "field": wanted.field,
        "decimals": wanted.decimals,
        "group": wanted.group,
        "keys": tuple(key.strip() for key in wanted.keys.split(",") if key.strip()),
        "day": wanted.day,
        "epsilon": wanted.epsilon,
    }


def _show(reply: "AggregateReply") -> None:
    show_table(
        ("group", "people", "±", reply.measure, "± "),
        [_row(cell) for cell in reply.cells],
        right=("people", "±", reply.measure, "± "),
    )
    note(
        f"{reply.receipt}: {reply.day}, epsilon {reply.epsilon:g}, {reply.left:g} left this year. "
        f"± holds 95 times in 100; under {reply.least_group} people nothing is told."
    )


def _row(cell: "AggregateCell") -> tuple[str, ...]:
    figures = (cell.n, cell.n_within, cell.value, cell.value_within)
    return (cell.key, *("" if one is None else f"{one:,.10g}" for one in figures))
