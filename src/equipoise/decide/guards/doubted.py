"""Whether somebody said that this is untrue, and no human has approved it since."""

from equipoise.decide.verdicts import looks_at, review
from equipoise.nouns.decisions import ALLOWED, Verdict
from equipoise.ports import Asked

_DOUBTED = review("doubted", reason="doubted")


@looks_at("name")
def doubted(asked: Asked) -> Verdict:
    """Send to a human what a person it reached called untrue, until one is approved.

    The two figures count, for everybody together, how often it was said and how much of that a human
    has answered.
    """
    what = f"{asked.play.name}/{asked.option.name}"
    untrue = asked.spent.get(f"untrue:{what}", 0)
    if untrue and untrue > asked.spent.get(f"checked:{what}", 0):
        return _DOUBTED
    return ALLOWED
