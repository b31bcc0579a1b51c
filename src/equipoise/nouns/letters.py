"""Letters: what the house writes because a person asked for it, decided by no play."""

import msgspec


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail to one address with nothing to sell in it, such as the link into the portal.

    `key` is its idempotency key, `locale` its language, `at_ms` when it was written.
    """

    to: str
    person: int
    locale: str
    subject: str
    text: str
    key: str
    at_ms: int
