"""A person as guards and conditions see them: fields, answers and contacts, over all atoms."""

from functools import lru_cache
from zoneinfo import ZoneInfo

from equipoise.nouns.aims import Balance
from equipoise.nouns.events import Handle, Provenance, Value
from equipoise.nouns.intents import Intent
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import PersonState, Stance
from equipoise.remember import agreements, aims, intents, settled, wishes
from equipoise.remember.fields import UnknownField, reader
from equipoise.remember.gathering import Gathered
from equipoise.remember.stances import effective, is_known

LOCALES = ("en", "fr")
"""The languages in which the house speaks."""


@lru_cache(maxsize=4096)
def is_timezone(name: str) -> bool:
    """True for the name of an IANA time zone that this machine knows.

    >>> is_timezone("Europe/Paris"), is_timezone("Europe/Atlantis"), is_timezone("../etc")
    (True, False, False)
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


@lru_cache(maxsize=4096)
def _trait(field: str) -> str:
    """The name of the trait that a field is; an empty text for any other field."""
    return field.removeprefix("traits.") if field.startswith("traits.") else ""


class View:
    """Implements `ports.Standing`: one person as of `now_ms`, under the house's rules.

    Nothing is combined before it is asked for, and nothing is kept: a view lives for one moment.
    """

    __slots__ = ("_gathered", "_now_ms", "_rules", "_state")

    def __init__(self, state: PersonState, now_ms: int, rules: Rules) -> None:
        self._state = state
        self._now_ms = now_ms
        self._rules = rules
        self._gathered = Gathered(state.atoms)

    @property
    def person(self) -> int:
        """The person's id."""
        return self._state.person

    @property
    def known(self) -> bool:
        """True where one of the atoms has a strong handle."""
        return is_known(self._state.atoms)

    @property
    def handles(self) -> tuple[Handle, ...]:
        """Every handle, oldest atom first."""
        return tuple(handle for atom in self._state.atoms for handle in atom.handles)

    def address(self, kind: str) -> str | None:
        """One handle of a kind (`email`, `phone`): the one the person states, else the newest."""
        found = [handle.value for handle in self.handles if handle.kind == kind]
        if len(found) > 1:
            stated = self._text(kind).lower()
            if stated in found:
                return stated
        return found[-1] if found else None

    @property
    def timezone(self) -> str:
        """The time zone the person states, else the one last seen, else the house's."""
        for name in ("timezone", "@timezone"):
            zone = self._text(name)
            if zone and is_timezone(zone):
                return zone
        return self._rules.timezone

    @property
    def locale(self) -> str:
        """`en` or `fr`: as the person states, else as last seen, else the house's."""
        for name in ("locale", "language", "@locale"):
            locale = self._text(name)[:2].lower()
            if locale in LOCALES:
                return locale
        return self._rules.locale

    def _text(self, name: str) -> str:
        last = self._gathered.last(name)
        return last.value.strip() if last is not None and isinstance(last.value, str) else ""

    @property
    def per_week(self) -> int | None:
        """The person's own budget of contacts in seven days."""
        return settled.per_week(self._state.atoms)

    @property
    def quiet(self) -> tuple[int, int] | None:
        """The person's own quiet hours in local minutes of the day (from, to)."""
        return settled.quiet(self._state.atoms)

    def get(self, field: str) -> Value:
        """One profile field as of now; None where it is not known, or where there is no such field."""
        name = _trait(field)
        if name:  # asked most, twice by the gate alone, and needs no reader
            atoms = self._state.atoms
            for atom in atoms:
                last = atom.profile.last.get(name)
                if last is not None:
                    last = last if len(atoms) == 1 else self._gathered.last(name)
                    return None if last is None else last.value
            return None
        try:
            read = reader(field)
        except UnknownField:
            return None
        return read(self._gathered, self._now_ms)

    def provenance(self, field: str) -> Provenance:
        """How a field came to be known: a trait as it was said, an aim stated, the rest by observing."""
        if field.startswith("aims."):
            return "stated"
        if not field.startswith("traits."):
            return "observed"
        last = self._gathered.last(field.removeprefix("traits."))
        return last.provenance if last is not None else "observed"

    def stance(self, purpose: str, channel: str) -> Stance | None:
        """The answer that counts for a purpose on a channel; None where there is none."""
        return effective(self._state.atoms, purpose, channel)

    @property
    def cap(self) -> int:
        """The bits of the roster that the person's agreements leave allowed."""
        return agreements.cap(self._state.atoms, self._now_ms, self._rules.default_cap)

    @property
    def barred(self) -> int:
        """The bits of the roster that signals of the person's software bar."""
        for atom in self._state.atoms:
            if atom.terms.signals:
                return agreements.barred(self._state.atoms)
        return 0

    @property
    def restricted(self) -> bool:
        """True while one of the atoms is restricted: a join lifts nothing."""
        for atom in self._state.atoms:  # noqa: SIM110 - asked of every option, and quicker than `any`
            if atom.rights.restricted:
                return True
        return False

    def contested(self, play: str, option: str) -> bool:
        """True while the person contests that this option of this play was done to them."""
        for atom in self._state.atoms:
            contested = atom.rights.contested
            if contested and f"{play}|{option}" in contested:
                return True
        return False

    @property
    def rest(self) -> tuple[int, str] | None:
        """Until when (ms) the person asked to be left in peace, and by which answer."""
        return wishes.rest(self._state.atoms, self._now_ms)

    @property
    def aims(self) -> tuple[Balance, ...]:
        """What the person wants of themselves, and where it stands in the present period."""
        for atom in self._state.atoms:
            if atom.aims:
                return aims.balances(self._state.atoms, self._now_ms)
        return ()

    @property
    def intents(self) -> tuple[Intent, ...]:
        """What the person is looking for, whoever may know of it."""
        return intents.sought(self._state.atoms, self._now_ms)

    def contact_times_ms(self, since_ms: int, play: str | None = None) -> list[int]:
        """When contacts were charged since then, of all plays or of one, oldest first."""
        return [
            contact.at_ms
            for contact in self._gathered.contacts()
            if contact.at_ms >= since_ms and (play is None or contact.play == play)
        ]
