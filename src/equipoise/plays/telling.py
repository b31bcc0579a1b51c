"""Why it ended so, in one or two sentences that the person concerned can read."""

from collections.abc import Mapping
from typing import Any

from equipoise.plays.phrases import sentence

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


def why(told: Mapping[str, Any], locale: str) -> str:
    """The outcome, its reason, and whether chance decided and with what probability.

    `told` has `outcome`, `reason`, `detail`, `option`, `chance` and `propensity`, as the answer to a
    decide request and as a receipt have them. Any language but French is told in English.
    """
    language = "fr" if locale.startswith("fr") else "en"
    because = sentence(told["reason"], language, told.get("detail") or {})
    text = _FRAMES[told["outcome"]][language].format(option=told.get("option", ""), why=because)
    if told.get("chance"):
        percent = f"{100 * float(told['propensity']):.3g}"
        if language == "fr":
            percent = percent.replace(".", ",")
        text += _CHANCE[language].format(percent=percent)
    return text
