"""What follows from how a contact felt: rest for the person, counts for the play, a look by a human."""

from equipoise.nouns.decisions import Action
from equipoise.nouns.events import Event, Refused
from equipoise.nouns.rules import Rules
from equipoise.nouns.sheet import Here
from equipoise.nouns.state import AtomState, PersonState
from equipoise.nouns.wishes import Felt
from equipoise.plays.playbook import Playbook
from equipoise.remember.wishes import FELT, fold_felt

__all__ = ["FELT", "cleared", "feel", "is_doubted"]


def feel(
    state: PersonState,
    atom: AtomState,
    event: Event,
    about: tuple[Rules, Playbook],
    here: Here,
) -> bool:
    """Fold an event `felt`, and count it; False where it was refused or had been said before.

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
