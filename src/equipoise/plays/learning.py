"""Whether what a play says about learning makes sense: features, model, controls, the early goal."""

from collections.abc import Iterator

from equipoise.nouns.decisions import Explain
from equipoise.plays.fitting import near
from equipoise.plays.known import Known, at, blocks, has, items, number, text
from equipoise.plays.lines import Mistake, Node

ASKING = ("learning", "propensity_only", "no_cost_of_contact")
"""The choosers that ask a model what each option is worth."""

LEVELS = {
    Explain.NONE: "not at all",
    Explain.APPROXIMATE: "approximately",
    Explain.EXACT: "exactly",
}
"""How far a model explains itself, in words."""


def learning(root: Node, known: Known) -> Iterator[Mistake]:
    """Every mistake in what a play says about learning, in the tree of the play."""
    controls = dict(blocks(at(root, "controls"))) if has(root, "controls") else {}
    asked = [name for name in (text(root, "chooser", "uniform"), *controls) if name in ASKING]
    yield from _goal(root, asked, controls)
    yield from _features(root, asked, known)
    yield from _model(root, asked, known)
    yield from _controls(root, controls, known)


def _goal(root: Node, asked: list[str], controls: dict[str, Node]) -> Iterator[Mistake]:
    if not has(root, "goal"):
        if asked:
            place = "chooser" if text(root, "chooser", "uniform") == asked[0] else "controls"
            message = f"{asked[0]} learns from what was reached, and needs a goal; write goal: {{event: ...}}"
            yield at(root, place).at(place, message)
        elif controls:
            message = "controls are compared by what was reached, and need a goal; write goal: {event: ...}"
            yield at(root, "controls").at("controls", message)
        return
    goal = at(root, "goal")
    early, path = at(goal, "early_within_days"), "goal.early_within_days"
    if not has(goal, "early"):
        if has(goal, "early_within_days"):
            yield early.at(path, "there is no early event to wait for; write early: and its kind")
        return
    if text(goal, "early", "") == text(goal, "event", ""):
        message = "the early event tells sooner than the goal, so it is another kind of event"
        yield at(goal, "early").at("goal.early", message)
    sooner, window = number(goal, "early_within_days"), number(goal, "within_days")
    sooner, window = 1.0 if sooner is None else sooner, 7.0 if window is None else window
    if sooner >= window:
        message = f"needs fewer days than the {window:g} of the goal itself, came {sooner:g}"
        yield early.at(path, message)


def _features(root: Node, asked: list[str], known: Known) -> Iterator[Mistake]:
    features = items(root, "features")
    if asked and not features:
        message = (
            f"{asked[0]} looks at contact pressure alone; write features: and the profile fields "
            "that it may look at"
        )
        yield at(root, "features").at("features", message, "warning")
    seen: dict[str, int] = {}
    for place, item in enumerate(features):
        name, path = item.value, f"features[{place}]"
        if not isinstance(name, str):
            continue
        if name in seen:
            yield item.at(path, f"{name} stands on line {seen[name]} already; take one away")
        elif name.startswith("event."):
            message = (
                f"{name} is no profile field; only what is known of the person can be a feature"
            )
            yield item.at(path, message)
        elif known.type_of(name) is None:
            hint = near(name, known.fields) or "; docs/profile.md lists them"
            yield item.at(path, f"there is no profile field {name!r}{hint}")
        elif known.phrased is not None and not known.phrased(name):
            message = (
                f"{name} has no phrase to tell people its part in a decision; "
                f'write one in the file of phrases: [features."{name}"] (docs/explanations.md)'
            )
            yield item.at(path, message)
        seen.setdefault(name, item.line)


def _model(root: Node, asked: list[str], known: Known) -> Iterator[Mistake]:
    name = text(root, "model", "")
    if not name:
        return
    node = at(root, "model")
    if not asked:
        message = f"nobody asks the model {name}; write chooser: learning to have it asked"
        yield node.at("model", message, "warning")
    if known.models is None:
        return
    if name not in known.models:
        there = f"there are {', '.join(known.models)}" if known.models else "there is none here"
        message = f"there is no model {name!r}{near(name, known.models) or f'; {there}'}"
        yield node.at("model", message)
        return
    purpose = text(root, "purpose", "")
    level = known.models[name]
    needed = known.explain(purpose) if known.explain else Explain.NONE
    if level < needed:
        message = (
            f"the purpose {purpose} asks for a model that explains itself {LEVELS[needed]}, and {name} "
            f"does so {LEVELS[level]}; take another, or see the setting explain.{level.name.lower()}"
        )
        yield node.at("model", message)


def _controls(root: Node, controls: dict[str, Node], known: Known) -> Iterator[Mistake]:
    chooser = text(root, "chooser", "uniform")
    options = items(root, "options")
    shares = 0.0
    for name, node in controls.items():
        path = f"controls.{name}"
        shares += number(at(root, "controls"), name) or 0.0
        key = at(root, "controls").keys[name]
        if name not in known.choosers:
            there = ", ".join(known.choosers)
            message = f"needs a chooser that is there ({there}), came {name!r}{near(name, known.choosers)}"
            yield key.at(path, message)
        elif name == chooser:
            message = f"{name} is the play's own chooser; a control is another one"
            yield key.at(path, message)
        if name == "uniform":
            for place, option in enumerate(options):
                yield from _by_chance(option, f"options[{place}]", node, path)
        if name == "fixed_shares" and not any(has(option, "share") for option in options):
            yield key.at(
                path, "fixed_shares needs options with a share; write for example share: 0.5"
            )
    held_out = number(root, "holdout") or 0.0
    if controls and shares + held_out >= 1:
        message = (
            f"controls and holdout take {shares + held_out:g} of the people together, "
            f"and leave nobody for {chooser}; they must be under 1"
        )
        yield at(root, "controls").at("controls", message)


def _by_chance(option: Node, where: str, node: Node, path: str) -> Iterator[Mistake]:
    """The control uniform tries every option by chance, which is not done to people with some."""
    do, name = text(option, "do", "notify"), text(option, "name", where)
    priced = do in ("offer", "reward") and (number(option, "cost") or 0.0) > 0
    if do == "restrain" or priced:
        what = "a restraint" if do == "restrain" else "a price"
        message = (
            f"{name} is {what}, and nobody gets one by chance; take the control uniform away, "
            "or use eligibility_only"
        )
        yield node.at(path, message)
