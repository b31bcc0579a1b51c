"""`equipoise joins`: people who may be one, with what speaks for and against it, and the answers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from equipoise.cli import places
from equipoise.cli.options import spread
from equipoise.cli.places import AsJson, SettingsFile, StoreUrl
from equipoise.cli.serving import alone
from equipoise.cli.speaking import Exit, Trouble, examples, note, say, show_json, show_table
from equipoise.nouns.hypotheses import Hypothesis, HypothesisVerb, KeptHypothesis

if TYPE_CHECKING:
    from equipoise.recognise.proposing import Rule
    from equipoise.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Give the app the command `joins`."""
    app.command(
        "joins",
        epilog=examples(
            ("equipoise joins", "look for them, keep what is found, list what asks for an answer"),
            ("equipoise joins --look", "only look, also beside an engine that runs"),
            ("equipoise joins confirm h_4096 --by zoe", "the two become one person"),
            ("equipoise joins refuse h_4112 --by zoe --note twins", "never proposed again"),
            ("equipoise joins reopen h_4112 --by zoe", "takes a refusal back"),
        ),
    )(joins)


@dataclass(frozen=True, kw_only=True)
class Looked:
    """How to look for people, or what is answered and by whom."""

    verb: Annotated[
        str | None,
        typer.Argument(metavar="VERB", help="confirm, refuse, later or reopen; without: look."),
    ] = None
    hypothesis: Annotated[str | None, typer.Argument(metavar="h_...", help="From the list.")] = None
    least: Annotated[
        float,
        typer.Option("--least", min=0.01, max=1.0, help="The lowest probability to find."),
    ] = 0.5
    most: Annotated[int, typer.Option("--most", min=1, help="How many to list.")] = 50
    look: Annotated[bool, typer.Option("--look", help="Only look; nothing is kept.")] = False
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who answers.")] = ""
    remark: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why.")] = ""
    settings: SettingsFile = None
    store: StoreUrl = None
    as_json: AsJson = False


@spread
def joins(looked: Looked) -> None:
    """Look for people who may be one, keep that as hypotheses, and answer them.

    Nobody is joined by looking, unless the setting `joins.rule` says so. Works while no engine runs; while
    one does, look and answer on the page `/joins` of the console, or set `joins.every_hours`.
    """
    chosen = places.read(looked.settings, store=looked.store)
    if looked.verb is not None:
        _answer(chosen, looked.verb, looked.hypothesis or "", looked)
    elif looked.look:
        _look(chosen, looked)
    else:
        _keep(chosen, looked)


def _answer(chosen: "Settings", verb: str, hypothesis: str, looked: Looked) -> None:
    from equipoise.compose import Engine
    from equipoise.show.addresses import person_name, record_number

    number = record_number(hypothesis)
    if verb not in get_args(HypothesisVerb):
        raise Trouble(f"{verb!r}: needs one of {', '.join(get_args(HypothesisVerb))}")
    if number is None:
        where = "the page /joins" if verb == "reopen" else "`equipoise joins`"
        raise Trouble(f"{hypothesis!r}: write a hypothesis as h_4096; {where} lists them")
    if not looked.by:
        raise Trouble(f"{verb} needs --by NAME: who answers is kept, and the person sees it")
    alone(chosen)
    with Engine.open(chosen.text("store"), settings=chosen) as engine:
        said: Any = verb
        reply = engine.answer_join(f"h_{number}", said, looked.by, note=looked.remark)
    if not reply["ok"]:
        raise Trouble(f"{reply['message']} ({reply['reason']})", Exit.NOT_WELL)
    if looked.as_json:
        show_json(reply)
        return
    people = ", ".join(person_name(person) for person in reply["people"])
    say(f"✓ {reply['hypothesis']} is {reply['state']}: {people}", "ok")


def _search(looked: Looked, chosen: "Settings", kept: Any) -> list[Hypothesis]:
    from equipoise.compose.hypotheses import hypotheses_in
    from equipoise.compose.library import SystemClock, rules_of
    from equipoise.recognise.likeness import NoLikeness, Search

    try:
        search = Search(least=looked.least)
        return hypotheses_in(kept, rules_of(chosen), SystemClock().now_ms(), search)
    except NoLikeness as error:
        raise Trouble(str(error)) from None
    except ImportError as error:
        raise Trouble(f"joins need the extra: pip install 'equipoise[joins]' ({error})") from None


def _look(chosen: "Settings", looked: Looked) -> None:
    kept, intake = places.open_to_read(chosen)
    try:
        found = _search(looked, chosen, kept)[: looked.most]
    finally:
        kept.close()
        intake.close()
    if looked.as_json:
        show_json(found)
        return
    _table([("", pair.left, pair.right, pair) for pair in found])
    note("Nobody is joined and nothing is kept.")


def _keep(chosen: "Settings", looked: Looked) -> None:
    from equipoise.compose import Engine
    from equipoise.compose.hypotheses import asking, confirm_by

    rule = _rule(chosen)
    alone(chosen)
    joined, barred = 0, dict[str, int]()
    with Engine.open(chosen.text("store"), settings=chosen) as engine:
        n = engine.suppose(_search(looked, chosen, engine.store))
        if rule is not None:
            joined, barred = confirm_by(engine, rule)
        waiting = [
            one for state in ("open", "later") for one in asking(engine.store, state, looked.most)
        ]
    if looked.as_json:
        show_json([one.kept for one in waiting])
        return
    _table([(one.kept.id, one.left, one.right, one.kept) for one in waiting])
    say(f"{n} pairs found, {len(waiting)} of them listed")
    if rule is not None:
        why = ", ".join(f"{reason} {times}" for reason, times in sorted(barred.items()))
        say(f"joined by the rule: {joined}{f'; held: {why}' if why else ''}")
    note("A hypothesis joins nobody until it is confirmed: equipoise joins confirm h_... --by NAME")


def _rule(chosen: "Settings") -> "Rule | None":
    from equipoise.recognise.proposing import RuleUnread, read_rule

    try:
        return read_rule(chosen.text("joins.rule"))
    except RuleUnread as error:
        raise Trouble(str(error)) from None


def _table(rows: list[tuple[str, int, int, Hypothesis | KeptHypothesis]]) -> None:
    from equipoise.show.addresses import person_name

    show_table(
        ("", "probability", "person", "and", "for and against, in bits", "held because"),
        [
            (
                name,
                f"{pair.score:.4f}",
                person_name(left),
                person_name(right),
                ", ".join(f"{one.field} {one.level} {one.weight:+.1f}" for one in pair.evidence),
                pair.held,
            )
            for name, left, right, pair in rows
        ],
        right=("probability",),
    )
