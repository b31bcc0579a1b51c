"""Whether the model explains itself as far as the purpose asks."""

from equipoise.decide.verdicts import looks_at, refuse
from equipoise.nouns.decisions import ALLOWED, Explain, Verdict
from equipoise.ports import Asked


@looks_at()
def intelligence(asked: Asked) -> Verdict:
    """Refuse everything where a model of less explanation than the purpose needs would be asked.

    Silence needs no reasons. Where nothing was learnt yet there is no model, and nothing to explain.
    """
    if asked.model is None:
        return ALLOWED
    level, needed = asked.model.explains, asked.rules.explain(asked.play.purpose)
    if level >= needed:
        return ALLOWED
    return refuse(
        "intelligence",
        reason="explains_too_little",
        level=Explain(level).name.lower(),
        needed=Explain(needed).name.lower(),
    )
