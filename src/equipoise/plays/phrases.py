"""Reason codes and the sentences that people read, in English and French: one reviewed table.

`{place}` is filled from the detail of a verdict. A part in `[brackets]` is left out where a place in
it has nothing to fill it. To add a reason, add its row here and to `docs/reasons.md`.
"""

import re
from collections.abc import Mapping

from equipoise.plays.quantities import day
from equipoise.plays.refusals import HELD_JOINS, REFUSED, Phrase

DECIDED: dict[str, Phrase] = {
    "allowed": (
        "Nothing stands against it.",
        "Rien ne s’y oppose.",
    ),
    "chosen": (
        "It was chosen among what your terms allow.",
        "Ce choix a été fait parmi ce que vos conditions permettent.",
    ),
    "asked_for": (
        "You asked for it: it answers what you said you are looking for.",
        "Vous l’avez demandé : cela répond à ce que vous avez dit chercher.",
    ),
    "asked_for_first": (
        "Something else answers what you said you are looking for, and goes before.",
        "Autre chose répond à ce que vous avez dit chercher, et passe avant.",
    ),
    "drawn_silence": (
        "Leaving you in peace was one of the possibilities, and it was drawn.",
        "Vous laisser tranquille était l’une des possibilités, et le tirage l’a retenue.",
    ),
    "no_option": (
        "There was nothing that could be done.",
        "Il n’y avait rien à faire.",
    ),
    "consent_missing": (
        "You have not said yes[ to {purpose}][ by {channel}].",
        "Vous n’avez pas donné votre accord[ pour ceci : {purpose}][, par {channel}].",
    ),
    "objected": (
        "You have objected[ to {purpose}][ by {channel}].",
        "Vous avez fait opposition[ à ceci : {purpose}][, par {channel}].",
    ),
    "withdrawn": (
        "You have said no, or taken back your yes[, to {purpose}][ by {channel}].",
        "Vous avez refusé, ou retiré votre accord[, pour ceci : {purpose}][, par {channel}].",
    ),
    "grant_not_trusted": (
        "A yes[ to {purpose}] came from a page where you were not signed in, so it does not count.",
        "Un accord[ ({purpose})] est venu d’une page sans connexion à votre compte ; il ne compte pas.",
    ),
    "beyond_agreement": (
        "The agreement that you chose does not allow this[: {purpose}][, by {channel}].",
        "L’accord que vous avez choisi ne le permet pas[ : {purpose}][, par {channel}].",
    ),
    "barred_by_signal": (
        "Your browser or app says that this is not wanted[: {purpose}].",
        "Votre navigateur ou votre appli signale que vous ne le souhaitez pas[ : {purpose}].",
    ),
    "lapsed": (
        "We have not heard from you for long[ ({days} days)], so we no longer write.",
        "Nous sommes sans nouvelles de vous depuis longtemps[ ({days} jours)] ; nous n’écrivons plus.",
    ),
    "prohibited_minor": (
        "This is not done to anybody under age.",
        "Cela ne se fait pas à l’égard de personnes mineures.",
    ),
    "restricted": (
        "You have asked that your data be kept and not used, so nothing but the service itself is done.",
        "Vous avez demandé de conserver vos données sans les utiliser ; seul le service est rendu.",
    ),
    "contested": (
        "You contest this, so it is not done to you until a human has answered.",
        "Vous contestez ceci ; cela ne vous est plus appliqué tant qu’une personne n’a pas répondu.",
    ),
    "quiet_hours": (
        "It is late where you are; nobody is contacted in the quiet hours[ until {until}].",
        "Il est tard chez vous ; personne n’est contacté pendant les heures calmes[ jusqu’à {until}].",
    ),
    "own_quiet_hours": (
        "You asked not to be disturbed at this time[ until {until}].",
        "Vous avez demandé le calme à cette heure[ jusqu’à {until}].",
    ),
    "quiet_always": (
        "Your quiet hours and ours together leave no time of the day free.",
        "Vos heures calmes et les nôtres réunies ne laissent aucun moment libre dans la journée.",
    ),
    "budget_day": (
        "You have been contacted enough for today[: at most {most} a day].",
        "Vous avez reçu assez de messages aujourd’hui[ : au plus {most} par jour].",
    ),
    "budget_week": (
        "You have been contacted enough for seven days[: at most {most}].",
        "Vous avez reçu assez de messages en sept jours[ : au plus {most}].",
    ),
    "budget_month": (
        "You have been contacted enough for four weeks[: at most {most}].",
        "Vous avez reçu assez de messages en quatre semaines[ : au plus {most}].",
    ),
    "own_budget": (
        "The number of contacts that you set for a week is reached[: {most}].",
        "Le nombre de contacts que vous avez fixé par semaine est atteint[ : {most}].",
    ),
    "aim_spend": (
        "Your own limit on spending is reached[: {most}][ a {per}][ on {category}][, until {from}].",
        "Votre limite de dépenses est atteinte[ : {most}][ par {per}][ ({category})][, jusqu’au {from}].",
    ),
    "aim_price": (
        "This costs more than is left of your own limit on spending[: {left}][ until {from}].",
        "Cela dépasse ce qui reste de votre limite de dépenses[ : {left}][ jusqu’au {from}].",
    ),
    "aim_use": (
        "Your own limit on use is reached[: {what}][, {most}][ a {per}][, until {from}].",
        "Votre limite de consommation est atteinte[ : {what}][, {most}][ par {per}][, jusqu’au {from}].",
    ),
    "aim_contacts": (
        "Your own limit on contacts is reached[: {most}][ a {per}][, until {from}].",
        "Votre limite de contacts est atteinte[ : {most}][ par {per}][, jusqu’au {from}].",
    ),
    "play_cap": (
        "You have received this often enough[: at most {most} in {days} days].",
        "Vous avez reçu cela assez souvent[ : au plus {most} en {days} jours].",
    ),
    "play_total": (
        "As many as were planned[ ({most})] have been given.",
        "Le nombre prévu[ ({most})] est atteint.",
    ),
    "out_of_stock": (
        "Nothing is left of it.",
        "Il n’en reste plus.",
    ),
    "not_in_audience": (
        "This is meant for others.",
        "Ceci s’adresse à d’autres personnes.",
    ),
    "holdout_global": (
        "You are one of the few people whom we leave alone, to see what our contacts change.",
        "Vous faites partie des personnes que nous laissons tranquilles pour mesurer nos effets.",
    ),
    "holdout_play": (
        "You are one of the few people who do not get this, to see what it changes.",
        "Vous faites partie des personnes qui ne reçoivent pas ceci, pour en mesurer l’effet.",
    ),
    "explains_too_little": (
        "The model for this does not explain itself enough[: {level}, and not {needed}], so it is not asked.",
        "Le modèle prévu ne s’explique pas assez[ : {level}, et non {needed}] ; on s’en passe.",
    ),
    "model_failed": (
        "The model that weighs what to do did not work, so nothing was done.",
        "Le modèle qui pèse les possibilités n’a pas fonctionné, donc rien n’a été fait.",
    ),
    "needs_human": (
        "A human looks at it before anything is done.",
        "Une personne l’examine avant que quoi que ce soit ne soit fait.",
    ),
    "not_now": (
        "You said “not now”, so you are left in peace for a day[, until {until}].",
        "Vous avez dit « pas maintenant » : nous vous laissons tranquille un jour[, jusqu’à {until}].",
    ),
    "too_much": (
        "You said that it was too much, so you are left in peace for a week[, until {until}].",
        "Vous avez dit que c’était trop : nous vous laissons tranquille une semaine[, jusqu’à {until}].",
    ),
    "doubted": (
        "Somebody said that this is untrue; a human looks at it before it is sent again.",
        "Quelqu’un a dit que c’était faux ; une personne l’examine avant tout nouvel envoi.",
    ),
    "no_address": (
        "We have no address of yours[ for {channel}].",
        "Nous n’avons pas d’adresse pour vous joindre[ par {channel}].",
    ),
    "not_yet_valid": (
        "It is too early[; it begins on {from}].",
        "C’est trop tôt[ ; cela commence le {from}].",
    ),
    "expired": (
        "It waited too long, and is no longer worth your attention.",
        "Cela a trop attendu et ne mérite plus votre attention.",
    ),
    "moment_passed": (
        "The moment for it has passed.",
        "Le moment est passé.",
    ),
    "already_waiting": (
        "The same is waiting for you already.",
        "La même chose vous attend déjà.",
    ),
    "source_not_trusted": (
        "The page that asked may not speak for you, so it learns nothing about you.",
        "La page qui demande ne peut pas parler pour vous ; elle n’apprend rien sur vous.",
    ),
    "no_such_moment": (
        "Nothing is planned for this moment.",
        "Rien n’est prévu pour ce moment.",
    ),
    "guard_failed": (
        "One of our checks did not work[ ({guard})], so nothing was done.",
        "Un de nos contrôles n’a pas fonctionné[ ({guard})], donc rien n’a été fait.",
    ),
    "step_failed": (
        "Something went wrong on our side; it was noted, and nothing was done.",
        "Une erreur s’est produite chez nous ; elle est notée, et rien n’a été fait.",
    ),
    "play_paused": (
        "This campaign is paused or over.",
        "Cette campagne est suspendue ou terminée.",
    ),
    "too_late": (
        "The answer would have come too late.",
        "La réponse serait arrivée trop tard.",
    ),
    "gone": (
        "There is no longer anything to decide here.",
        "Il n’y a plus rien à décider ici.",
    ),
}
"""Why a moment ended as it did: what guards and the engine say."""

CARRIED: dict[str, Phrase] = {
    "declined": (
        "A member of staff looked at it and said no.",
        "Un membre de l’équipe l’a examiné et a refusé.",
    ),
    "declined_by_human": (
        "A member of staff looked at it and said no.",
        "Un membre de l’équipe l’a examiné et a refusé.",
    ),
    "closed": (
        "It has been sent or taken back already.",
        "C’est déjà envoyé ou annulé.",
    ),
    "early": (
        "It is not yet time to send it.",
        "Il n’est pas encore temps de l’envoyer.",
    ),
    "exhausted": (
        "It was tried as often as is sensible, and did not arrive.",
        "Tous les essais raisonnables ont été faits, sans succès.",
    ),
    "send_broke": (
        "Sending it failed on our side.",
        "L’envoi a échoué de notre côté.",
    ),
}
"""Why an action did not leave after all."""

SHARED: dict[str, Phrase] = {
    "share_over": (
        "What let this partner ask had ended.",
        "Ce qui permettait à ce partenaire de demander avait pris fin.",
    ),
    "share_token_over": (
        "The token that this partner asked with is no longer good.",
        "Le jeton avec lequel ce partenaire a demandé n’est plus valable.",
    ),
    "share_other_purpose": (
        "This partner stated another purpose than the one it was allowed.",
        "Ce partenaire a indiqué une autre finalité que celle qui lui était permise.",
    ),
    "share_not_granted": (
        "This partner asked for something that it was not allowed to ask.",
        "Ce partenaire a demandé quelque chose qu’il n’avait pas le droit de demander.",
    ),
    "share_not_counted": (
        "The people in question could not be counted, so nothing was said.",
        "Les personnes concernées n’ont pas pu être comptées ; rien n’a donc été dit.",
    ),
    "share_stopped": (
        "You have said that nothing about you goes to this partner.",
        "Vous avez dit que rien sur vous ne va à ce partenaire.",
    ),
    "share_unknown": (
        "Nobody here is known by what this partner named.",
        "Personne ici n’est connu sous ce que ce partenaire a indiqué.",
    ),
    "not_shared": (
        "Nothing is shared, for a reason that the partner is not told.",
        "Rien n’est transmis, pour une raison qui n’est pas dite au partenaire.",
    ),
}
"""Why a read by a partner ended so: what is told to the person, and by `not_shared` to the partner."""

PHRASES: dict[str, Phrase] = DECIDED | CARRIED | SHARED | REFUSED
"""Every reason code but those of joins that were held."""

WORDS: dict[str, Phrase] = {
    "email": ("e-mail", "e-mail"),
    "page": ("our pages", "nos pages"),
    "webpush": ("browser notification", "notification du navigateur"),
    "staff": ("our staff", "notre équipe"),
    "sms": ("text message", "SMS"),
    "phone": ("phone", "téléphone"),
    "marketing": ("marketing", "marketing"),
    "service": ("messages about your orders", "messages sur vos commandes"),
    "personalisation": ("personalisation", "personnalisation"),
    "analytics": ("measuring how things are used", "mesure d’audience"),
    "exact": ("exactly", "exactement"),
    "approximate": ("roughly", "à peu près"),
    "none": ("not at all", "pas du tout"),
    "month": ("month", "mois"),
    "week": ("week", "semaine"),
    "Order Completed": ("orders", "commandes"),
}
"""How people are told the names of channels and purposes."""

_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_DECIMAL = re.compile(r"-?\d+\.\d+(?: [A-Z]{3})?")
_PLACE = re.compile(r"\{(\w+)\}")


def sentence(code: str, locale: str, detail: Mapping[str, str] | None = None) -> str:
    """What a person reads for a reason code; any language but French is English.

    Never raises: a place without a value reads `…`, an unknown code is told as what it is.

    >>> sentence("play_cap", "en", {"most": "1", "days": "30"})
    'You have received this often enough: at most 1 in 30 days.'
    >>> sentence("play_cap", "en")
    'You have received this often enough.'
    """
    return _told(PHRASES.get(code), code, locale, detail or {})


def held_join(code: str, locale: str) -> str:
    """What an operator reads about a join that was held; never raises."""
    return _told(HELD_JOINS.get(code), code, locale, {})


def _told(phrase: Phrase | None, code: str, locale: str, detail: Mapping[str, str]) -> str:
    french = locale[:2].lower() == "fr"
    if phrase is None:
        known = code or "?"
        if french:
            return f"La raison porte le nom « {known} », pour lequel il n’y a pas encore de phrase."
        return f"The reason is called “{known}”, for which there is no sentence yet."

    def word(value: str) -> str:
        if value in WORDS:
            return WORDS[value][french]
        if french and _DECIMAL.fullmatch(value):
            return value.replace(".", ",")
        return day(value, locale)

    def fill(place: re.Match[str]) -> str:
        return word(str(detail.get(place[1], "…")))

    def keep(part: re.Match[str]) -> str:
        filled = all(detail.get(place[1]) for place in _PLACE.finditer(part[1]))
        return part[1] if filled else ""

    return _PLACE.sub(fill, _OPTIONAL.sub(keep, phrase[french]))
