"""`equipoise requests` and `request`: what people ask of the house, by when, and the answers."""

from dataclasses import dataclass
from typing import Annotated, Any, get_args

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
    show_json,
    show_table,
    when,
)
from equipoise.nouns.rights import Ground, RequestKind, Verb

By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who asks or answers for the house.")]


def add_to(app: typer.Typer) -> None:
    """Give the app the commands `requests`, `request` and `answer`."""
    app.command("requests", epilog=examples(("equipoise requests", "what is owed, soonest first")))(
        requests
    )
    app.command(
        "request",
        epilog=examples(
            ("equipoise request access email:ana@example.org --by zoe", ""),
            ("equipoise request contest user_id:42 --decision d_4097 --ground unfair --by zoe", ""),
            ("equipoise request correction user_id:42 --set traits.city=Nice --by zoe", ""),
        ),
    )(request)
    app.command(
        "answer",
        epilog=examples(
            ("equipoise answer r_8192 fulfil --by zoe", "an erasure prints its report"),
            ("equipoise answer r_8208 fulfil --outcome upheld --by zoe", "a contest"),
            ("equipoise answer r_8224 extend --reason 'two systems to search' --by zoe", ""),
        ),
    )(answer)


def requests(
    settings: SettingsFile = None, store: StoreUrl = None, as_json: AsJson = False
) -> None:
    """Show what is owed to people, the request that is due first first."""
    from equipoise.compose.library import SystemClock

    chosen = places.read(settings, store=store)
    kept, intake = places.open_to_read(chosen)
    try:
        owed = kept.requests_owed(1000)
    finally:
        kept.close()
        intake.close()
    now_ms = SystemClock().now_ms()
    rows: list[dict[str, Any]] = [
        {
            "request": asked.id,
            "kind": asked.kind,
            "status": asked.status,
            "asked_ms": asked.asked_ms,
            "due_ms": asked.due_ms,
            "days": (asked.due_ms - now_ms) // 86_400_000,
            "decision": f"d_{asked.decision}" if asked.decision else "",
        }
        for asked in owed
    ]
    if as_json:
        show_json(rows)
        return
    if not rows:
        say("✓ nobody is owed an answer", "ok")
        return
    show_table(
        ("request", "kind", "status", "due", "days left"),
        [
            (row["request"], row["kind"], row["status"], when(row["due_ms"]), str(row["days"]))
            for row in rows
        ],
        right=("days left",),
    )


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked, for whom an officer has made sure of."""

    by: By
    decision: Annotated[
        str, typer.Option("--decision", metavar="d_...", help="What is contested or reviewed.")
    ] = ""
    ground: Annotated[
        str, typer.Option("--ground", metavar="GROUND", help=f"{', '.join(get_args(Ground))}.")
    ] = "other"
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help="In their own words.")] = ""
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="A right value, of a correction."),
    ] = None
    strike: Annotated[
        list[str] | None,
        typer.Option("--strike", metavar="EVENT", help="Id of an event that never happened."),
    ] = None
    purpose: Annotated[
        str, typer.Option("--purpose", metavar="NAME", help="Of an objection; * for all.")
    ] = "*"
    lift: Annotated[bool, typer.Option("--lift", help="End a restriction instead.")] = False
    settings: SettingsFile = None
    store: StoreUrl = None
    as_json: AsJson = False


@spread
def request(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help=f"{', '.join(get_args(RequestKind))}.")
    ],
    person: Annotated[str, typer.Argument(metavar="PERSON", help="KIND:VALUE.")],
    asked: Asked,
) -> None:
    """Open a request in somebody's name: its clock runs from now.

    Works while no engine runs; while one does, ask on the page `/requests` of the console.
    """
    from equipoise.compose import Engine
    from equipoise.show.addresses import record_number

    _one_of("KIND", kind, get_args(RequestKind))
    _one_of("--ground", asked.ground, get_args(Ground))
    chosen = places.read(asked.settings, store=asked.store)
    alone(chosen)
    with Engine.open(chosen.text("store"), settings=chosen) as engine:
        reply = engine.request(
            kind,  # type: ignore[arg-type]
            person,
            by=asked.by,
            proof="officer",
            decision=record_number(asked.decision) or 0,
            ground=asked.ground,
            text=asked.text,
            values=_values(asked.values or []),
            strike=tuple(asked.strike or ()),
            purpose=asked.purpose,
            lift=asked.lift,
        )
    _tell(person, reply, as_json=asked.as_json)


@dataclass(frozen=True, kw_only=True)
class Said:
    """What is answered, by whom and why."""

    by: By
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; the person is told.")
    ] = ""
    outcome: Annotated[
        str, typer.Option("--outcome", metavar="OUTCOME", help="Of a contest: upheld or changed.")
    ] = ""
    settings: SettingsFile = None
    store: StoreUrl = None
    as_json: AsJson = False


@spread
def answer(
    number: Annotated[str, typer.Argument(metavar="r_...", help="From `requests`.")],
    verb: Annotated[str, typer.Argument(metavar="VERB", help=f"{', '.join(get_args(Verb))}.")],
    said: Said,
) -> None:
    """Answer a request; fulfilling an erasure prints what was deleted, and what is kept and why.

    Works while no engine runs; while one does, answer on the page `/requests` of the console.
    """
    from equipoise.compose import Engine
    from equipoise.show.addresses import record_number

    _one_of("VERB", verb, get_args(Verb))
    _one_of("--outcome", said.outcome, ("", "upheld", "changed"))
    seq = record_number(number)
    if seq is None:
        raise Trouble(f"{number!r}: write a request as r_8192; `equipoise requests` lists them")
    chosen = places.read(said.settings, store=said.store)
    alone(chosen)
    with Engine.open(chosen.text("store"), settings=chosen) as engine:
        outcome: Any = said.outcome
        reply = engine.answer(
            f"r_{seq}",
            verb,  # type: ignore[arg-type]
            said.by,
            reason=said.reason,
            outcome=outcome,
        )
    _tell(number, reply, as_json=said.as_json)


def _one_of(what: str, told: str, known: tuple[str, ...]) -> None:
    if told not in known:
        raise Trouble(f"{what} {told!r}: needs one of {', '.join(name for name in known if name)}")


def _values(pairs: list[str]) -> dict[str, str]:
    values = {}
    for pair in pairs:
        field, sign, value = pair.partition("=")
        if not sign:
            raise Trouble(f"--set {pair!r}: write FIELD=VALUE, such as traits.city=Nice")
        values[field] = value
    return values


def _tell(whom: str, reply: dict[str, Any], *, as_json: bool) -> None:
    if not reply["ok"]:
        raise Trouble(f"{whom}: {reply['reason']}", Exit.NOT_WELL)
    if as_json:
        show_json(reply)
        return
    say(f"✓ {reply['request']} is {reply['status']}", "ok")
    if reply["status"] in ("open", "in_progress"):
        note(f"An answer is owed by {when(reply['due_ms'])}.")
    if reply.get("replayed"):
        say(f"  the decision, made again: {reply['replayed']}")
    if reply.get("recipients"):
        say(f"  shared with, and to be told: {', '.join(reply['recipients'])}")
    report = reply.get("report")
    if report:
        deleted = [(table, str(n)) for table, n in report["deleted"].items()]
        show_table(("table", "rows deleted"), deleted, right=("rows deleted",))
        show_table(("kept", "because"), list(report["kept"].items()))
