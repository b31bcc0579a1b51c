"""What a person's answers come to, over all their atoms: later wins, deny wins.

An answer speaks for a purpose and a channel, `*` for all channels (and, for a denial, all
purposes). A grant lifts a denial only if it is later and at least as specific, and, where the two
stand on different atoms, only if it was given when both atoms were already one person.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from equipoise.nouns.state import AtomState, Stance

PUBLIC = "|public"
"""Ends the key of a grant that a public key gave: it counts only while nobody knows the person."""

_LIFTS = ((0, 1, 2, 3), (1, 3))
"""Which denials a grant of (purpose, channel) and one of (purpose, *) may lift, by place in `_keys`."""


@lru_cache(maxsize=1024)
def _keys(purpose: str, channel: str) -> tuple[str, str, str, str]:
    return f"{purpose}|{channel}", f"{purpose}|*", f"*|{channel}", "*|*"


def is_known(atoms: Iterable[AtomState]) -> bool:
    """True where one of the atoms has a strong handle."""
    for atom in atoms:  # noqa: SIM110 - asked at every decision, and thrice as fast as `any`
        if atom.known:
            return True
    return False


def effective(atoms: Sequence[AtomState], purpose: str, channel: str) -> Stance | None:
    """The answer that counts for a purpose on a channel; None where the person never answered.

    The latest denial that no grant has lifted; else the latest grant.
    """
    if len(atoms) == 1:
        stances = atoms[0].terms.stances
    else:
        spoken = [atom.terms.stances for atom in atoms if atom.terms.stances]
        if len(spoken) > 1:
            return _settled(atoms, _keys(purpose, channel))
        stances = spoken[0] if spoken else {}
    if not stances:
        return None
    keys = _keys(purpose, channel)
    if keys[2] not in stances and keys[3] not in stances and is_known(atoms):
        one, other = stances.get(keys[0]), stances.get(keys[1])
        # Most people gave one answer, or none, to what is asked.
        if one is None or other is None:
            return one or other
    return _settled(atoms, keys)


def _settled(atoms: Sequence[AtomState], keys: tuple[str, str, str, str]) -> Stance | None:
    grants: list[tuple[int, AtomState, Stance]] = []
    denials: list[tuple[int, AtomState, Stance]] = []
    for atom in atoms:
        stances = atom.terms.stances
        if stances:
            for place, key in enumerate(keys):
                stance = stances.get(key)
                if stance is not None:
                    (grants if stance.granted else denials).append((place, atom, stance))
    if not is_known(atoms):
        for atom in atoms:
            for place, key in enumerate(keys[:2]):
                stance = atom.terms.stances.get(key + PUBLIC)
                if stance is not None:
                    grants.append((place, atom, stance))
    found = grants
    if denials:
        lasting = [
            denial for denial in denials if not any(_lifts(grant, denial) for grant in grants)
        ]
        found = lasting or grants
    if len(found) < 2:
        return found[0][2] if found else None
    return max((stance for _, _, stance in found), key=lambda stance: (stance.at_ms, stance.seq))


def _lifts(grant: tuple[int, AtomState, Stance], denial: tuple[int, AtomState, Stance]) -> bool:
    given_at, giver, given = grant
    denied_at, denier, denied = denial
    if given_at > 1 or denied_at not in _LIFTS[given_at] or given.at_ms <= denied.at_ms:
        return False
    return giver is denier or given.seq > max(giver.joined_seq, denier.joined_seq)
