"""The house rules that guards apply to every play: budgets, quiet hours, purposes and their basis."""

from typing import Literal

import msgspec

from equipoise.nouns.agreements import CROSS_SITE, PROFILING, SERVICE, THIRD_PARTY, UNCAPPED, Policy
from equipoise.nouns.decisions import Explain

Basis = Literal["consent", "interest", "contract"]
"""On what ground a purpose is served: asked for, allowed until objected to, or part of the service."""


_ALWAYS = {"share.third_party": THIRD_PARTY, "ads.cross_site": CROSS_SITE}


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """One company's limits over all plays and channels.

    Budgets count contacts: `per_day` per calendar day in the person's time zone, `per_7d` and
    `per_28d` rolling. `quiet` is a pair of local minutes of the day (from, to) in which no contact
    leaves; equal values mean none. `holdout` is the share of people that no play ever contacts.
    `explains` is how far a model has to explain itself for a purpose, `default_explain` for all others.
    `needs` are the bits of the roster that a purpose takes (see `need`), `default_cap` the bits of people
    who chose no agreement, `gpc` the purposes that Sec-GPC denies beside the bits that it bars, `policy` what
    the house answers to a proffer, `helps` the purposes by which it helps people keep their own limits.
    """

    per_day: int = 1
    per_7d: int = 3
    per_28d: int = 8
    quiet: tuple[int, int] = (21 * 60, 8 * 60)
    timezone: str = "Europe/Paris"
    locale: str = "en"
    holdout: float = 0.0
    bases: dict[str, Basis] = {}
    default_basis: Basis = "consent"
    explains: dict[str, Explain] = {}
    default_explain: Explain = Explain.EXACT
    needs: dict[str, int] = {}
    default_cap: int = UNCAPPED
    gpc: tuple[str, ...] = ()
    policy: Policy = Policy()
    helps: tuple[str, ...] = ()

    def basis(self, purpose: str) -> Basis:
        """The lawful basis on which a purpose is served."""
        return self.bases.get(purpose, self.default_basis)

    def explain(self, purpose: str) -> Explain:
        """The least level of explanation that a purpose asks for."""
        return self.explains.get(purpose, self.default_explain)

    def need(self, purpose: str) -> int:
        """The bits of the roster that a purpose takes: the service for a contract, else profiling."""
        if self.bases.get(purpose, self.default_basis) == "contract":
            return SERVICE
        return self.needs.get(purpose, PROFILING) | _ALWAYS.get(purpose, 0)
