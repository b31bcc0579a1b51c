"""Whether a play makes sense as a whole: chances, names, and what each option needs.

It reads the tree and not the finished play, so that a mistake of form does not hide others.
"""

from collections.abc import Iterator

from equipoise.plays.fitting import near
from equipoise.plays.known import Known, at, has, items, number, text
from equipoise.plays.lines import Level, Mistake, Node
from equipoise.plays.shapes import PARTS


def sense(root: Node, known: Known) -> Iterator[Mistake]:
    """Every mistake of meaning in the tree of a play, save those about profile fields."""
    options = items(root, "options")
    yield from _chooser(root, options, known)
    yield from _floor(root, options)
    yield from _names(root, options, known)
    effect = text(root, "effect", "none")
    for place, option in enumerate(options):
        path = f"options[{place}]"
        if _is_silence(option):
            yield from _silence(option, path)
        else:
            yield from _content(option, path)
            yield from _review(option, path, effect)
            yield from _channel(option, path, known)
            if has(option, "has") and not has(option, "serves"):
                message = "has tells what an option has of what people look for; write serves: and a category"
                yield at(option, "has").at(f"{path}.has", message)


def _is_silence(option: Node) -> bool:
    return text(option, "do", "notify") == "silence"


def _chooser(root: Node, options: list[Node], known: Known) -> Iterator[Mistake]:
    chooser = text(root, "chooser", "uniform")
    if chooser not in known.choosers:
        there = ", ".join(known.choosers)
        message = f"needs a chooser that is there ({there}), came {chooser!r}{near(chooser, known.choosers)}"
        yield at(root, "chooser").at("chooser", message)
    shares = [share for option in options if (share := number(option, "share")) is not None]
    unshared = chooser in ("uniform", "learning") and not has(at(root, "controls"), "fixed_shares")
    if unshared and shares:
        message = f"the chooser {chooser} does not use shares; write chooser: fixed_shares to have them used"
        yield at(root, "options").at("options", message, "warning")
    if chooser != "fixed_shares":
        return
    if sum(shares) > 1 + 1e-9:
        message = f"the shares may add up to 1 at most (what is left goes to silence), came {sum(shares):g}"
        yield at(root, "options").at("options", message)
    for place, option in enumerate(options):
        if not has(option, "share") and not _is_silence(option):
            message = "share is missing, and the chooser fixed_shares needs one; write for example share: 0.5"
            yield option.at(f"options[{place}]", message)


def _floor(root: Node, options: list[Node]) -> Iterator[Mistake]:
    floor = number(root, "explore_floor")
    floor = 0.02 if floor is None else floor
    count = len(options) + (not any(_is_silence(option) for option in options))
    if floor < 1 <= floor * count:
        message = (
            f"a floor of {floor:g} for each of {count} options (silence is one) leaves nothing to choose; "
            f"it must be under {1 / count:.3g}"
        )
        yield at(root, "explore_floor").at("explore_floor", message)


def _names(root: Node, options: list[Node], known: Known) -> Iterator[Mistake]:
    purpose = text(root, "purpose", "")
    if purpose and purpose not in known.purposes:
        message = (
            f"people are asked for {', '.join(known.purposes)}, came {purpose!r}"
            f"{near(purpose, known.purposes) or '; see that they are asked for it under this very name'}"
        )
        yield at(root, "purpose").at("purpose", message, "warning")
    if not has(root, "goal"):
        message = "without a goal the effect cannot be measured; write goal: {event: ...}"
        yield root.at("goal", message, "warning")
    first: dict[str, Node] = {}
    for place, option in enumerate(options):
        name = text(option, "name", "")
        if name in first:
            line = first[name].line
            message = (
                f"an option on line {line} is called {name} already; give each a name of its own"
            )
            yield at(option, "name").at(f"options[{place}].name", message)
        elif name:
            first[name] = at(option, "name")
        if name and _is_silence(option) != (name == "silence"):
            message = "an option does silence exactly when its name is silence; change name or do"
            yield at(option, "name").at(f"options[{place}].name", message)


def _silence(option: Node, path: str) -> Iterator[Mistake]:
    if isinstance(option.value, dict):
        for name in option.value:
            if name not in ("name", "do", "share"):
                yield option.keys[name].at(f"{path}.{name}", f"silence has no {name}; take it away")


def _content(option: Node, path: str) -> Iterator[Mistake]:
    do = text(option, "do", "notify")
    if isinstance(option.value, dict) and isinstance(at(option, "content").value, dict):
        inside = at(option, "content") if has(option, "content") else None
        for part in inside.keys if inside else ():
            if part in PARTS and part in option.value and inside:
                message = f"{part} is written beside content and inside it; keep one of them"
                yield inside.keys[part].at(f"{path}.content.{part}", message)
    if do not in ("notify", "offer"):
        return
    parts = _parts(option)
    if text(option, "channel", "email") == "email":
        for part in ("subject", "body"):
            if part not in parts:
                yield option.at(
                    path, f"{part} is missing, and an e-mail needs one; write {part}: and a text"
                )
    elif not parts:
        message = (
            f"there is nothing to say, and {do} needs something; write title: or body: and a text"
        )
        yield option.at(path, message)


def _parts(option: Node) -> set[str]:
    plain = {"name", "do", "channel", "content", "review", "serves", "has"}
    plain |= {"cost", "price", "share", "stock"}
    beside = set(option.value) - plain if isinstance(option.value, dict) else set()
    inside = at(option, "content").value if has(option, "content") else None
    return beside | (set(inside) if isinstance(inside, dict) else set())


def _review(option: Node, path: str, effect: str) -> Iterator[Mistake]:
    if at(option, "review").value is True:
        return
    if text(option, "do", "notify") == "restrain":
        level: Level = "warning" if effect == "none" else "error"
        message = f"a restraint waits for a human (effect is {effect}); write review: true"
        yield at(option, "do").at(f"{path}.do", message, level)
    elif effect in ("significant", "legal"):
        message = f"the play has a {effect} effect on people; think of review: true here"
        yield option.at(path, message, "warning")


def _channel(option: Node, path: str, known: Known) -> Iterator[Mistake]:
    channel = text(option, "channel", "email")
    if channel not in known.channels:
        hint = near(channel, known.channels) or f"; there are {', '.join(known.channels)}"
        message = f"nothing is known to carry the channel {channel!r}{hint}"
        yield at(option, "channel").at(f"{path}.channel", message, "warning")
