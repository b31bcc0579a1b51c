"""`equipoise why`, `person` and `split`: what was decided about somebody, who they are, and taking apart."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from equipoise.cli import places
from equipoise.cli.explaining import DECISION, tell_decision, teller_of
from equipoise.cli.options import spread
from equipoise.cli.places import AsJson, SettingsFile, StoreUrl
from equipoise.cli.serving import alone
from equipoise.cli.speaking import (
    Exit,
    Trouble,
    examples,
    note,
    say,
    say_inside,
    show_json,
    show_table,
    when,
)

if TYPE_CHECKING:
    from equipoise.nouns.state import PersonState
    from equipoise.ports import Store
    from equipoise.settings import Settings
    from equipoise.show.stories import Teller

Person = Annotated[
    str,
    typer.Argument(metavar="PERSON", help="KIND:VALUE such as email:ana@example.org, or p_... ."),
]


def add_to(app: typer.Typer) -> None:
    """Give the app the commands `why`, `person` and `split`."""
    app.command(
        "why",
        epilog=examples(
            ("equipoise why email:ana@example.org", "what was decided, and why not otherwise"),
            ("equipoise why user_id:42 --play thank-you --lang fr", ""),
            (
                "equipoise why d_4096",
                "one decision, with what each option was expected to be worth",
            ),
            ("equipoise why p_k7 --json", ""),
        ),
    )(why)
    app.command("person", epilog=examples(("equipoise person email:ana@example.org", "")))(person)
    app.command(
        "split",
        epilog=examples(
            ("equipoise person p_k7", "shows the atoms of a person"),
            ("equipoise split p_k7 96 --by ana --note 'two sisters'", "takes one of them out"),
            ("equipoise split p_k7 --handles email:bo@example.org --by ana", "and their handle"),
        ),
    )(split)


@contextmanager
def person_found(settings: "Settings", text: str) -> "Iterator[tuple[Store, PersonState]]":
    """The store, open for reading, and the one person that the text names. Raises `Trouble`."""
    from equipoise.show.who import person_state

    store, intake = places.open_to_read(settings)
    try:
        number = _number(store, text)
        state = None if number is None else person_state(store, number)
        if state is None:
            raise Trouble(
                f"{text!r}: nobody here is known by that. Write KIND:VALUE, for example "
                f"email:ana@example.org or user_id:42, or the p_... of the console",
                Exit.NOT_WELL,
            )
        yield store, state
    finally:
        store.close()
        intake.close()


def _number(store: "Store", text: str) -> int | None:
    from equipoise.compose.serving import handles_in_text
    from equipoise.show.addresses import person_number

    number = person_number(text) if text.startswith("p_") else None
    if number is not None:
        atom = store.atoms([number]).get(number)
        return None if atom is None else atom.person
    found = {atom.person for atom in store.atoms_of(handles_in_text(text)).values()}
    if len(found) > 1:
        raise Trouble(
            f"{text!r} could be {len(found)} people; write which handle it is: KIND:{text}"
        )
    return next(iter(found), None)


@dataclass(frozen=True, kw_only=True)
class Which:
    """Which decisions are told, how many, and in which language."""

    play: Annotated[str, typer.Option("--play", metavar="NAME", help="Only this play.")] = ""
    most: Annotated[
        int, typer.Option("--most", min=1, max=1000, help="How many decisions, newest first.")
    ] = 12
    lang: Annotated[
        str, typer.Option("--lang", metavar="en|fr", help="The language of the reasons.")
    ] = "en"
    settings: SettingsFile = None
    store: StoreUrl = None
    as_json: AsJson = False


@spread
def why(person: Person, which: Which) -> None:
    """Say what was decided about a person, and why not otherwise; or all about one decision (d_...)."""
    chosen = places.read(which.settings, store=which.store)
    if DECISION.fullmatch(person):
        tell_decision(chosen, person, which.lang, as_json=which.as_json)
        return
    with person_found(chosen, person) as (kept, state):
        told = {
            **_name(state),
            "waiting": _waiting(state, which),
            "decided": _decided(kept, state, which, teller_of(chosen, kept, which.lang)),
            "silences": _silences(state, which),
        }
    if which.as_json:
        show_json(told)
    else:
        _tell_why(told, which)


def _name(state: "PersonState") -> dict[str, Any]:
    from equipoise.show.who import who_of

    short = who_of(state)
    handles = [f"{handle.kind}:{handle.value}" for atom in state.atoms for handle in atom.handles]
    return {"person": short.name, "label": short.label, "handles": handles}


def _decided(
    store: "Store", state: "PersonState", which: Which, teller: "Teller"
) -> list[dict[str, Any]]:
    """Receipts of decisions and of what became of them, newest first, as sentences."""
    from equipoise.show.chains import heads_of, walk

    receipts = {head for head in heads_of(state) if head[0] == "r"}
    rows = walk(store, receipts, frozenset(atom.id for atom in state.atoms), 1000).rows
    stories = [teller.receipt(row) for row in rows]  # type: ignore[arg-type]  # only receipts were asked for
    return [
        {
            "at_ms": story.at_ms,
            "play": story.play,
            "what": story.chip,
            "why": story.sentence,
            "reasons": list(story.reasons),
            "decision": story.decision or str(story.raw["id"]),
            "reason": story.raw.get("reason", ""),
            "notes": list(story.notes),
        }
        for story in stories
        if which.play in ("", story.play)
    ][: which.most]


def _waiting(state: "PersonState", which: Which) -> list[dict[str, Any]]:
    from equipoise.plays.phrases import sentence

    return [
        {
            "play": held.play,
            "reason": held.reason,
            "why": sentence(held.reason, which.lang),
            "again_ms": held.due_ms,
            "until_ms": held.until_ms,
        }
        for atom in state.atoms
        for held in sorted(atom.held, key=lambda held: held.due_ms)
        if which.play in ("", held.play)
    ]


def _silences(state: "PersonState", which: Which) -> list[dict[str, Any]]:
    """Days on which the same silence came again and again, as far as they are still open."""
    from equipoise.plays.phrases import sentence

    found = []
    for atom in state.atoms:
        for key, hush in sorted(atom.hushes.items()):
            name, _, reason = key.partition("|")
            if hush.n > 1 and which.play in ("", name):
                found.append(
                    {
                        "play": name,
                        "reason": reason,
                        "why": sentence(reason, which.lang),
                        "times": hush.n,
                        "last_ms": hush.last_ms,
                        "decision": f"d_{hush.decision}",
                    }
                )
    return found


def _tell_why(told: dict[str, Any], which: Which) -> None:
    from equipoise.show.languages import Language

    words = Language(which.lang, "UTC").text
    _head(told)
    if told["waiting"]:
        say(f"\n{words('why_told.waiting')}", "strong")
        show_table(
            [words(f"why_told.{head}") for head in ("play", "why", "again", "until")],
            [
                (row["play"], row["why"], when(row["again_ms"]), when(row["until_ms"]))
                for row in told["waiting"]
            ],
        )
    if told["silences"]:
        say(f"\n{words('why_told.silences')}", "strong")
        show_table(
            [words(f"why_told.{head}") for head in ("play", "times", "last", "why")],
            [
                (row["play"], str(row["times"]), when(row["last_ms"]), row["why"])
                for row in told["silences"]
            ],
            right=(words("why_told.times"),),
        )
    if told["decided"]:
        say(f"\n{words('why_told.decided')}", "strong")
        for row in told["decided"]:
            place = f"{row['play']} · " if row["play"] else ""
            say(f"{when(row['at_ms'])}  {place}{row['what']}  ({row['decision']})", "dim")
            notes = f" [{', '.join(row['notes'])}]" if row["notes"] else ""
            say_inside(f"{row['why']}{notes}")
            for reason in row["reasons"]:
                say_inside(f"• {reason}", "dim")
    elif not told["waiting"]:
        name = "why_told.none_by" if which.play else "why_told.none"
        say(f"\n{words(name, {'play': which.play})}")


def _head(told: dict[str, Any]) -> None:
    say(f"{told['label']}  {told['person']}", "strong")
    say_inside("  ".join(told["handles"]), "dim")


def person(
    person: Person,
    settings: SettingsFile = None,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Show who a person is, what they allow, what is known."""
    from equipoise.compose.library import SystemClock, rules_of
    from equipoise.remember.view import View
    from equipoise.show.person import portrait

    chosen = places.read(settings, store=store)
    now_ms, rules = SystemClock().now_ms(), rules_of(chosen)
    with person_found(chosen, person) as (kept, state):
        seen = portrait(kept, state, View(state, now_ms, rules), rules, now_ms)
        name = _name(state)
    if as_json:
        show_json({**name, "portrait": seen})
        return
    _head(name)
    say("\nAtoms", "strong")
    show_table(
        ("atom", "handles", "joined by"),
        [
            (
                str(group.id),
                " ".join(f"{handle.kind}:{handle.value}" for handle in group.handles),
                " ".join(sorted({h.kind for join in group.joins for h in join.evidence})),
            )
            for group in seen.groups
        ],
        right=("atom",),
    )
    say("\nTerms", "strong")
    show_table(
        ("purpose", "channel", "said"),
        [
            (
                term.purpose,
                "all" if term.channel == "*" else term.channel,
                f"nothing; {term.basis} counts"
                if term.stance is None
                else f"{'yes' if term.stance.granted else 'no'}, {when(term.stance.at_ms)}",
            )
            for term in seen.terms
        ],
    )
    spent = ", ".join(f"{used.used} of {used.most} a {used.window}" for used in seen.budget)
    say(f"\nContacts: {spent}")
    if seen.traits:
        say("\nKnown", "strong")
        show_table(
            ("field", "value", "how"),
            [(trait.name, _short(trait.value), trait.provenance) for trait in seen.traits],
        )


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """What leaves a person, and who decides that."""

    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides this.")]
    atoms: Annotated[
        list[int] | None,
        typer.Argument(metavar="ATOM...", help="Atoms to take out, from `person`."),
    ] = None
    handles: Annotated[
        str, typer.Option("--handles", metavar="KIND:VALUE,...", help="Handles to take out.")
    ] = ""
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False
    remark: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why.")] = ""
    settings: SettingsFile = None
    store: StoreUrl = None


@spread
def split(person: Person, leaving: Leaving) -> None:
    """Take a join apart; the two never join again.

    Works while no engine runs; while one does, split on the person's page in the console.
    """
    from equipoise.compose import Engine
    from equipoise.recognise.applying import SplitRefused
    from equipoise.recognise.handles import clean
    from equipoise.recognise.parting import parting
    from equipoise.runners.embedded import handles_in
    from equipoise.show.addresses import person_name

    chosen = places.read(leaving.settings, store=leaving.store)
    try:
        named = clean(
            [one for text in _listed(leaving.handles) for one in handles_in(text)], "server"
        )[0]
        with person_found(chosen, person) as (_, state):
            number = state.person
            leaves = parting(state, leaving.atoms or [], named)
    except (SplitRefused, ValueError) as error:
        raise Trouble(str(error)) from None
    if leaves.moved:
        told = ", ".join(f"{kind}:{value}" for kind, value in leaves.moved)
        say(
            f"{told}: the past stays, for it cannot be divided by handle; what comes by it from now on"
        )
        say("is somebody else's, who gets what bars (objections, limits) and no consent.")
        if not leaving.yes and not typer.confirm("Go on?"):
            raise Trouble("nothing was changed", Exit.NOT_WELL)
    alone(chosen)
    with Engine.open(chosen.text("store"), settings=chosen) as engine:
        answer = engine.split(
            number, leaving.atoms or [], leaving.by, leaving.remark, handles=named
        )
    if not answer["ok"]:
        raise Trouble(f"{person}: {answer['reason']}", Exit.NOT_WELL)
    people = ", ".join(person_name(part) for part in answer["people"])
    say(f"✓ they are now {len(answer['people'])} people: {people}", "ok")
    note("A cannot-link keeps them apart, whatever joins come later.")


def _listed(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
