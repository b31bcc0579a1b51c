"""One person's aggregates over all their atoms, combined only where they are asked for."""

from collections.abc import Sequence

from equipoise import sketch
from equipoise.nouns.state import AtomState, Contact, Decayed, Last, Profile, Tally
from equipoise.remember.aggregates import OTHER, latest, merge_slots, sum_decayed, sum_tallies
from equipoise.remember.folding import merge


class Gathered:
    """A person's profile and contacts, read one aggregate at a time.

    A person of one atom is read in place. With several, only what is asked for is combined, unless a
    profile has more kinds than are counted apart: then all are merged, so that no part of one is lost.
    """

    __slots__ = ("_profiles", "atoms")

    def __init__(self, atoms: Sequence[AtomState]) -> None:
        self.atoms = atoms
        self._profiles: list[Profile] | None = None

    @property
    def profiles(self) -> list[Profile]:
        """The profiles to be combined."""
        if self._profiles is None:
            profiles = [atom.profile for atom in self.atoms]
            full = any(OTHER in p.tallies or "@" + OTHER in p.tallies for p in profiles)
            self._profiles = [merge(profiles)] if full and len(profiles) > 1 else profiles
        return self._profiles

    def tally(self, key: str) -> Tally | None:
        """The tally of one kind, or of one `@channel`."""
        found = [p.tallies[key] for p in self.profiles if key in p.tallies]
        return found[0] if len(found) == 1 else sum_tallies(found) if found else None

    def kinds(self) -> set[str]:
        """The keys of all tallies."""
        return {key for profile in self.profiles for key in profile.tallies}

    def first_ms(self) -> int | None:
        """When the person was first seen."""
        times = [t.first_ms for profile in self.profiles for t in profile.tallies.values()]
        return min(times, default=None)

    def decayed(self, key: str) -> Decayed | None:
        """One decayed sum."""
        found = [p.decayed[key] for p in self.profiles if key in p.decayed]
        return found[0] if len(found) == 1 else sum_decayed(found, key) if found else None

    def last(self, name: str) -> Last | None:
        """The last value of one trait."""
        if len(self.atoms) == 1:
            return self.atoms[0].profile.last.get(name)
        found = [p.last[name] for p in self.profiles if name in p.last]
        return latest(found) if found else None

    def distinct(self, key: str) -> list[int]:
        """One sketch; empty where nothing went in."""
        return sketch.merge(p.distinct[key] for p in self.profiles if key in p.distinct)

    def slots(self) -> dict[int, int]:
        """The half hours in which the person was active."""
        profiles = self.profiles
        if len(profiles) == 1:
            return profiles[0].slots
        return merge_slots(profile.slots for profile in profiles)

    def contacts(self) -> list[Contact]:
        """The contacts charged, oldest first."""
        if len(self.atoms) == 1:
            return self.atoms[0].contacts
        every = [contact for atom in self.atoms for contact in atom.contacts]
        return sorted(every, key=lambda contact: (contact.at_ms, contact.decision))
