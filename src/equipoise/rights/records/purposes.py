"""Our short purposes in the words of others: the Data Privacy Vocabulary and Fideslang."""

from urllib.parse import quote

import msgspec


class Meant(msgspec.Struct, frozen=True):
    """A purpose as the vocabularies have it: a DPV term and a key of Fideslang's data uses."""

    dpv: str
    fides: str


PURPOSES: dict[str, Meant] = {
    "service": Meant("dpv:ServiceProvision", "essential.service"),
    "marketing": Meant("dpv:DirectMarketing", "marketing.communications"),
    "newsletter": Meant("dpv:DirectMarketing", "marketing.communications.email"),
    "personalisation": Meant("dpv:ServicePersonalisation", "personalize.content.profiled"),
    "analytics": Meant("dpv:ServiceUsageAnalytics", "analytics.reporting"),
    "ads.cross_site": Meant("dpv:TargetedAdvertising", "marketing.advertising.third_party"),
    "share.third_party": Meant("dpv:Marketing", "third_party_sharing"),
}
"""The purposes that have a term; one of your own is told by its name."""


def meant(purpose: str) -> Meant:
    """A purpose in the words of others; our own name (`eq:NAME`) where they have none.

    >>> meant("marketing").dpv, meant("surveys").dpv, meant("our news").dpv
    ('dpv:DirectMarketing', 'eq:surveys', 'eq:our%20news')
    """
    return PURPOSES.get(purpose) or Meant(f"eq:{quote(purpose, safe='')}", purpose)
