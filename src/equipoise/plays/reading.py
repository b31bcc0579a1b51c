"""Reading a play: its text becomes a checked play, or every mistake with its line."""

import msgspec

from equipoise.nouns.plays import Condition, Play
from equipoise.plays.building import build, condition_of
from equipoise.plays.conditions import comparisons
from equipoise.plays.fitting import fit
from equipoise.plays.known import Known
from equipoise.plays.learning import learning
from equipoise.plays.lines import Mistake, Node, PlayMistakes, plain, read_lines
from equipoise.plays.mentions import mentions
from equipoise.plays.sense import sense
from equipoise.plays.shapes import CONDITION, PLAY

__all__ = [
    "Checked",
    "Known",
    "Mistake",
    "PlayMistakes",
    "check_play",
    "read_condition",
    "read_play",
    "structure",
]


class Checked(msgspec.Struct, frozen=True):
    """The outcome of a check: the play where it can be used, and all that was found, by line."""

    play: Play | None
    mistakes: list[Mistake]

    @property
    def errors(self) -> list[Mistake]:
        """What keeps the play from running."""
        return [mistake for mistake in self.mistakes if mistake.level == "error"]


def read_play(text: str, known: Known | None = None) -> Play:
    """The play that a text means; its version is the SHA-256 of the text in UTF-8, in hex.

    Raises `PlayMistakes` with every mistake, where one of them is more than a warning.
    """
    checked = check_play(text, known)
    if checked.play is None:
        raise PlayMistakes(checked.mistakes)
    return checked.play


def check_play(text: str, known: Known | None = None) -> Checked:
    """All that can be said about a text, warnings too. `known` is what plays may name here."""
    known = known or Known()
    root, mistakes = structure(text)
    if root is not None:
        mistakes += [*sense(root, known), *learning(root, known), *mentions(root, known)]
    mistakes = sorted(set(mistakes))
    if root is None or any(mistake.level == "error" for mistake in mistakes):
        return Checked(None, mistakes)
    return Checked(build(plain(root), text), mistakes)


def read_condition(text: str, known: Known | None = None) -> Condition:
    """The condition over a profile that a text means, in the words of a play: `{field: known, is: true}`.

    JSON will do as well; there is no opening event. Raises `PlayMistakes`.
    """
    node, mistakes = read_lines(text)
    if node is not None:
        mistakes += fit(node, CONDITION)
        mistakes += mentions(Node({"audience": node}, 1, 1), known or Known())
        for compare in comparisons(condition_of(plain(node))) if not mistakes else ():
            if compare.field.startswith("event."):
                mistakes.append(
                    node.at("", f"there is no event here, so {compare.field} is nothing")
                )
    if node is None or any(mistake.level == "error" for mistake in mistakes):
        raise PlayMistakes(sorted(set(mistakes)))
    return condition_of(plain(node))


def structure(text: str) -> tuple[Node | None, list[Mistake]]:
    """The tree of a text, and the mistakes of form in it; the same that the JSON Schema finds."""
    root, mistakes = read_lines(text)
    if root is not None:
        mistakes += fit(root, PLAY)
    return root, mistakes
