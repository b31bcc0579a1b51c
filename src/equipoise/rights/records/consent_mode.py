"""Consent Mode out: the values that Google's tags read, made of what the person's terms allow here."""

from collections.abc import Callable
from typing import Literal

Answered = Literal["granted", "denied"]

MAPPED: dict[str, tuple[str, ...]] = {
    "ad_storage": ("ads.cross_site",),
    "ad_user_data": ("share.third_party",),
    "ad_personalization": ("ads.cross_site", "personalisation"),
    "analytics_storage": ("analytics",),
}
"""The four values of version 2, each with the purposes that all have to be allowed."""


def consent_mode(allows: Callable[[str], bool]) -> dict[str, Answered]:
    """The four values for one person; `allows` says whether a purpose passes the terms gate on the web.

    >>> consent_mode(lambda purpose: purpose == "analytics")["analytics_storage"]
    'granted'
    """
    return {
        name: "granted" if all(allows(purpose) for purpose in purposes) else "denied"
        for name, purposes in MAPPED.items()
    }
