"""What a person says they want, and what follows: how a contact felt, their aims, what they look for.

An answer brings rest for the person, counts for the play, a look by a human; an aim is kept by a guard;
an intent goes before whatever is inferred, at the plays that it is meant for.
"""

from equipoise.account.wishes import aim_receipt, felt_receipt, intent_receipt
from equipoise.canon import canonical
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import Event, Refused
from equipoise.nouns.plays import Play
from equipoise.nouns.rules import Rules
from equipoise.nouns.sheet import Here
from equipoise.nouns.state import AtomState, PersonState
from equipoise.nouns.wishes import Felt
from equipoise.plays.playbook import Playbook
from equipoise.remember.aims import KINDS as AIMS
from equipoise.remember.aims import Told, fold_aim
from equipoise.remember.intents import KINDS as INTENTS
from equipoise.remember.intents import Sought, fold_intent
from equipoise.remember.view import View
from equipoise.remember.wishes import FELT, fold_felt

WISHES = frozenset((FELT, *AIMS, *INTENTS))
"""The kinds of events by which people say what they want; they are no behaviour."""


def wish(
    state: PersonState,
    atom: AtomState,
    event: Event,
    about: tuple[Rules, Playbook],
    here: Here,
) -> bool:
    """Fold an event of `WISHES`, with its receipt; False where it was refused or is no news."""
    if event.kind == FELT:
        return _feel(state, atom, event, about, here)
    return _keep(state, atom, event, about[0], here)


def may_hear(event: Event, play: Play, state: PersonState, here: Here) -> bool:
    """Whether a play may know of an event: of an intent it must be in the audience.

    That an intent was taken back is told to nobody: those who knew of it no longer find it.
    """
    if event.kind not in INTENTS:
        return True
    declared = (one for atom in state.atoms for one in atom.intents if one.seq == here.seq)
    intent = next(declared, None)
    return intent is not None and intent.heard_by_play(play.name, play.purpose)


def _keep(state: PersonState, atom: AtomState, event: Event, rules: Rules, here: Here) -> bool:
    """Fold an aim or an intent, with its receipt."""
    zone = View(state, here.now_ms, rules).timezone
    whom = (state.person, atom.id)
    told: Told | Sought | Refused | None
    if event.kind in INTENTS:
        told = fold_intent(state, atom, event, here.seq, zone)
    else:
        told = fold_aim(state, atom, event, here.seq, zone)
    if isinstance(told, Refused):
        here.sheet.refused.append(told)
    if told is None or isinstance(told, Refused):
        return False
    seq = here.number()
    if isinstance(told, Sought):
        body = intent_receipt(event, told.intent, told.before, seq, whom)
    else:
        body = aim_receipt(event, told.aim, told.before, seq, whom)
    here.sheet.count(event.kind)
    here.receipt(atom, seq, canonical(body))
    return True


def _feel(
    state: PersonState,
    atom: AtomState,
    event: Event,
    about: tuple[Rules, Playbook],
    here: Here,
) -> bool:
    """Fold an event `felt`, and count it.

    What a server's key says to be untrue is doubted from here on, for everybody, until a human approves
    it again. A browser speaks only for its own person, so it brings nothing before a human.
    """
    rules, playbook = about
    heard = fold_felt(state, atom, event, here.seq, rules)
    if isinstance(heard, Refused):
        here.sheet.refused.append(heard)
    if heard is None or isinstance(heard, Refused):
        return False
    _count(heard.felt, playbook, here, 1)
    if heard.before is not None:
        _count(heard.before, playbook, here, -1)
    felt = heard.felt
    seq = here.number()
    body = felt_receipt(event, felt, heard.before, seq, (state.person, atom.id))
    here.receipt(atom, seq, canonical(body))
    if felt.answer == "untrue" and event.trust == "server" and not event.history:
        key = f"untrue:{felt.play}/{felt.option}"
        here.sheet.spent[key] = _spent(here, key) + 1
    return True


def is_doubted(action: Action, here: Here) -> bool:
    """True where somebody said that what the action carries is untrue, and no human approved it since."""
    what = f"{action.play}/{action.option.name}"
    return _spent(here, f"untrue:{what}") > _spent(here, f"checked:{what}")


def cleared(action: Action, here: Here) -> None:
    """A human approved what the action carries: what was said of it until now is answered."""
    what = f"{action.play}/{action.option.name}"
    untrue = _spent(here, f"untrue:{what}")
    if untrue:
        here.sheet.spent[f"checked:{what}"] = untrue


def _spent(here: Here, key: str) -> int:
    return here.sheet.spent.get(key, here.spent.get(key, 0))


def _count(felt: Felt, playbook: Playbook, here: Here, n: int) -> None:
    """Count an answer, and for its play and option where there are such, so that names stay few."""
    here.sheet.count(f"felt:{felt.answer}", n)
    live = playbook.named(felt.play) if felt.play else None
    if live is not None and any(option.name == felt.option for option in live.play.options):
        here.sheet.count(f"felt:{felt.play}/{felt.option}:{felt.answer}", n)
