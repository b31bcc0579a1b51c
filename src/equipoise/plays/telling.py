"""Why it ended so, in one or two sentences that the person concerned can read."""

from collections.abc import Mapping
from typing import Any

from equipoise.plays.phrases import sentence
from equipoise.plays.reasons import quoted

_FRAMES = {
    "act": {"en": "You get “{option}”. {why}", "fr": "Vous recevez « {option} ». {why}"},
    "silence": {"en": "Nothing was done. {why}", "fr": "Rien n’a été fait. {why}"},
    "held": {"en": "This waits. {why}", "fr": "Ceci attend. {why}"},
    "review": {
        "en": "A member of staff looks at “{option}” first. {why}",
        "fr": "Un membre de l’équipe examine d’abord « {option} ». {why}",
    },
}
_CHANCE = {
    "en": " Chance decided among the options that were allowed; this one had {percent} %.",
    "fr": " Le hasard a choisi parmi les options permises ; celle-ci avait {percent} %.",
}


_BEST = {
    "en": "It was expected to be worth most, and had {percent} % in the draw.",
    "fr": "C’est ce qui devait valoir le plus ; au tirage, cela avait {percent} %.",
}
_LESSER = {
    "en": "Chance decided: {best} was expected to be worth more; this had {percent} %.",
    "fr": "Le hasard a décidé : {best} devait valoir plus ; ceci avait {percent} %.",
}


def why(told: Mapping[str, Any], locale: str) -> str:
    """The outcome, its reason, and whether chance decided and with what probability.

    `told` has `outcome`, `reason`, `detail`, `option`, `chance` and `propensity`, as the answer to a
    decide request and as a receipt have them, and `best` where a model said which option was worth
    most. Any language but French is told in English.
    """
    language = "fr" if locale.startswith("fr") else "en"
    because = sentence(told["reason"], language, told.get("detail") or {})
    text = _FRAMES[told["outcome"]][language].format(option=told.get("option", ""), why=because)
    if not told.get("chance"):
        return text
    propensity, best = float(told["propensity"]), told.get("best", "")
    if best:
        return f"{text} {chance_sentence(told['option'], best, propensity, language)}"
    return text + _CHANCE[language].format(percent=_percent(propensity, language))


def chance_sentence(option: str, best: str, propensity: float, locale: str) -> str:
    """Whether chance decided against what was expected to be worth most, and with what probability."""
    language = "fr" if locale.startswith("fr") else "en"
    frame = _BEST if option == best else _LESSER
    return frame[language].format(
        best=quoted(best, language), percent=_percent(propensity, language)
    )


def _percent(propensity: float, language: str) -> str:
    percent = f"{100 * propensity:.3g}"
    if percent == "100" and propensity < 1:
        return "plus de 99,9" if language == "fr" else "over 99.9"
    return percent.replace(".", ",") if language == "fr" else percent
