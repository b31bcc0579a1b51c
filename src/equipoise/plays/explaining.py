"""How a decision came about, told from its receipt: reasons, risk, chance, prices, one contrast.

Every number is in the receipt, so that a page, a command and the person's own copy tell the same. The
difference of two options is the sum of the differences of their contributions (each score is exactly
the sum of its own), and a reason is one term of it.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from equipoise.nouns.explanations import Difference, Explanation, Line, Reason
from equipoise.nouns.lessons import AT_STAKE
from equipoise.nouns.plays import SILENCE
from equipoise.plays.contrasting import Contrast, best_of, inputs_of, scores_of
from equipoise.plays.features import Phrasebook
from equipoise.plays.phrases import sentence
from equipoise.plays.quantities import is_french, money, percent
from equipoise.plays.reasons import (
    clause,
    compared,
    control,
    is_price,
    price_notice,
    quoted,
    term_label,
)
from equipoise.plays.telling import chance_sentence

MOST_REASONS = 4
"""More reasons than this are no longer read; the others are told as one rest."""

LEAVING = "leaving"
"""The contribution that has a line of its own: the risk of losing the person."""


class Words(msgspec.Struct, frozen=True):
    """In which language, currency and phrases it is told."""

    locale: str = "en"
    currency: str = "EUR"
    book: Phrasebook = Phrasebook()

    @property
    def french(self) -> bool:
        """Whether it is told in French."""
        return is_french(self.locale)

    def pick(self, en: str, fr: str) -> str:
        """The text in the language in which it is told."""
        return fr if self.french else en

    def money(self, amount: float, *, signed: bool = False) -> str:
        """An amount in the currency in which it is told."""
        return money(amount, self.currency, self.locale, signed=signed)


def explain(told: Mapping[str, Any], words: Words, contrast: Contrast | None = None) -> Explanation:
    """How the decision of this receipt came about; without a model there is little, and no numbers.

    `told` is a receipt of type `decision` as `account.receipts` makes it, read from JSON or not yet
    written. `contrast` is what `plays.contrasting` found for it.
    """
    chosen = told["chosen"]
    options = {option["option"]: option for option in told["options"]}
    mine = options.get(chosen, {})
    arm = _arm(told, words)
    propensity = float(mine.get("propensity", "1.0"))
    scores = scores_of(told)
    plain = Explanation(
        option=chosen,
        currency=words.currency,
        propensity=propensity,
        arm=arm,
        sentences=(arm,) if arm and told.get("arm") else (),
    )
    if chosen not in scores:
        return plain
    best = best_of(scores)
    drawable = sum(float(option["propensity"]) > 0 for option in options.values())
    differences = _differences(chosen, options, scores, told, words)
    priced = bool(told.get("model")) and is_price(mine["do"], float(mine["cost"]))
    filled = msgspec.structs.replace(
        plain,
        model=told.get("model", ""),
        explains=told.get("explains", "exact"),
        best=best,
        by_chance=best != chosen,
        priced=priced,
        differences=differences,
        chance=chance_sentence(chosen, best, propensity, words.locale) if drawable > 1 else "",
        risk=_risk(chosen, options, differences, told, words),
        price=price_notice(words.locale) if priced else "",
        contrast=_contrast(contrast, words) if contrast else "",
        **_table(chosen, options, scores, told, words),
    )
    return msgspec.structs.replace(filled, sentences=_sentences(filled, plain.sentences, words))


def _sentences(filled: Explanation, before: tuple[str, ...], words: Words) -> tuple[str, ...]:
    """What the person reads after the sentence of the decision, in order."""
    caution = {
        "exact": "",
        "approximate": words.pick(
            "The reasons were found afterwards, and may mislead.",
            "Les raisons ont été cherchées après coup et peuvent tromper.",
        ),
        "none": words.pick(
            "A model was asked that gives no reasons of its own.",
            "Le modèle consulté ne donne pas lui-même de raisons.",
        ),
    }[filled.explains]
    first = filled.differences[0] if filled.differences else None
    parts = [
        *before,
        caution,
        filled.price,
        *((reason.sentence for reason in first.reasons) if first else ()),
        filled.risk,
        *(difference.sentence for difference in filled.differences),
        filled.contrast,
    ]
    return tuple(part for part in parts if part)


def _arm(told: Mapping[str, Any], words: Words) -> str:
    if told.get("arm"):
        return control(told["arm"], words.locale)
    if told.get("holdout"):
        return sentence(told["reason"], words.locale, told.get("detail"))
    return ""


def _differences(
    chosen: str,
    options: Mapping[str, Mapping[str, Any]],
    scores: Mapping[str, float],
    told: Mapping[str, Any],
    words: Words,
) -> tuple[Difference, ...]:
    """To silence first, then to the best of the others, where that is another one."""
    others = {name: score for name, score in scores.items() if name != chosen}
    if not others:
        return ()
    named = [SILENCE.name] if SILENCE.name in others else []
    runner_up = best_of(others)
    if runner_up not in named:
        named.append(runner_up)
    inputs = inputs_of(told)
    return tuple(_difference(options[chosen], options[other], inputs, words) for other in named)


def _difference(
    mine: Mapping[str, Any],
    other: Mapping[str, Any],
    inputs: Mapping[str, Any],
    words: Words,
) -> Difference:
    apart = parts_apart(mine, other)
    # What is at stake has a line of its own, and is part of the rest where that line is not shown.
    told = sorted(
        (term for term, amount in apart.items() if amount != 0.0 and term != LEAVING),
        key=lambda term: (-abs(apart[term]), term),
    )[:MOST_REASONS]
    reasons = tuple(
        Reason(term, apart[term], _reason(term, apart[term], mine, other, inputs, words))
        for term in told
    )
    amount = float(mine["score"]) - float(other["score"])
    more = words.pick("more", "de plus") if amount >= 0 else words.pick("less", "de moins")
    said = words.money(abs(amount))
    subject = quoted(mine["option"], words.locale)
    object_ = compared(other["option"], words.locale)
    return Difference(
        other=other["option"],
        amount=amount,
        reasons=reasons,
        rest=amount - sum(reason.amount for reason in reasons),
        sentence=words.pick(
            f"By our reckoning, {subject} is worth {said} {more} than {object_}.",
            f"Selon notre calcul, {subject} vaut {said} {more} que {object_}.",
        ),
    )


def parts_apart(mine: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, float]:
    """By term, how much more it gave one option than the other, in the order of the first."""
    one, two = mine["contributions"], other["contributions"]
    return {term: float(one.get(term, "0")) - float(two.get(term, "0")) for term in {**one, **two}}


def _reason(
    term: str,
    amount: float,
    mine: Mapping[str, Any],
    other: Mapping[str, Any],
    inputs: Mapping[str, Any],
    words: Words,
) -> str:
    silent = mine["option"] == SILENCE.name
    worth = words.money(amount, signed=True)
    if term not in inputs:
        return clause(term, amount, other["option"], worth, words.locale)
    stands = words.book.stands(term, inputs[term], words.currency, words.locale)
    if words.french:
        counts = "joue pour" if amount > 0 else "joue contre"
        what = " l’idée de vous laisser tranquille" if silent else " cette possibilité"
        text = f"{stands}, ce qui {counts}{what} ({worth})."
    else:
        counts = "counts for" if amount > 0 else "counts against"
        text = f"{stands}, which {counts} {'leaving you in peace' if silent else 'it'} ({worth})."
    return text[:1].upper() + text[1:]


def _risk(
    chosen: str,
    options: Mapping[str, Mapping[str, Any]],
    differences: tuple[Difference, ...],
    told: Mapping[str, Any],
    words: Words,
) -> str:
    """The line of the opt-out: of the option itself, or where silence was chosen of what it spared."""
    name = chosen
    if chosen == SILENCE.name and differences:
        name = differences[0].other
    option = options[name]
    left, leaving = float(option["left"]), float(option["leaving"])
    if left <= 0 or leaving <= 0:
        return ""
    stake = inputs_of(told).get(AT_STAKE)
    stake = stake if isinstance(stake, int | float) else leaving / left
    sum_ = f"{percent(left, words.locale)} × {words.money(stake)}"
    if name == chosen:
        return words.pick(f"Risk of losing you: {sum_}.", f"Risque de vous perdre : {sum_}.")
    quote = quoted(name, words.locale)
    return words.pick(
        f"Risk of losing you with {quote}: {sum_}.",
        f"Risque de vous perdre avec {quote} : {sum_}.",
    )


def _contrast(found: Contrast, words: Words) -> str:
    region = words.book.region(found.feature, found.region, words.currency, words.locale)
    if found.option == SILENCE.name:
        return words.pick(
            f"With {region}, leaving you in peace would have been our first choice.",
            f"Avec {region}, notre premier choix aurait été de vous laisser tranquille.",
        )
    quote = quoted(found.option, words.locale)
    return words.pick(
        f"With {region}, our first choice would have been {quote}.",
        f"Avec {region}, notre premier choix aurait été {quote}.",
    )


def _table(
    chosen: str,
    options: Mapping[str, Mapping[str, Any]],
    scores: Mapping[str, float],
    told: Mapping[str, Any],
    words: Words,
) -> dict[str, Any]:
    """The table for staff: the chosen option, silence, and the best of the others."""
    others = sorted((name for name in scores if name != chosen), key=lambda name: -scores[name])
    shown = [chosen, *(name for name in (SILENCE.name,) if name in others)]
    shown += [name for name in others if name not in shown][:1]
    inputs = inputs_of(told)
    terms = sorted(
        {term for name in shown for term in options[name]["contributions"]},
        key=lambda term: (_PLACES.get(term, 1), term),
    )
    return {
        "columns": tuple(shown),
        "sums": tuple(scores[name] for name in shown),
        "lines": tuple(
            Line(
                term,
                term_label(term, words.locale) or term,
                _stood(term, inputs, told),
                tuple(float(options[name]["contributions"].get(term, "0")) for name in shown),
            )
            for term in terms
        ),
    }


_PLACES = {"base": -1, "option": 0, "model": 0, "cost": 2, "leaving": 3}
"""Where terms that are no features stand in the table: what is common first, what is taken off last."""


def _stood(term: str, inputs: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    if term == LEAVING and AT_STAKE in inputs:
        return f"{AT_STAKE} {told['inputs'][AT_STAKE]}"
    if term not in inputs:
        return ""
    return "–" if inputs[term] is None else str(told["inputs"][term])
