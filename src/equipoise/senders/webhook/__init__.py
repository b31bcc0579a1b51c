"""Webhooks: a CloudEvent, signed, to one address that may be reached."""

from collections.abc import Mapping

from equipoise.ports import Sender

NAME = "webhook"
"""The channel that this sender serves."""


def make(settings: Mapping[str, str]) -> Sender | None:
    """The webhook sender of `webhook.url`, `webhook.secret` and `webhook.allow`; None without a URL.

    Raises `ValueError` for an address or a secret that cannot be used.
    """
    url = settings.get("webhook.url", "")
    if not url:
        return None
    # The HTTP client is loaded only where there is something to reach.
    from equipoise.senders.webhook.posting import Endpoint, Webhook
    from equipoise.senders.webhook.signing import signers

    endpoint = Endpoint(
        url=url,
        source=settings.get("public_url", "") or f"urn:equipoise:{settings.get('origin', 'local')}",
        allowed=frozenset(settings.get("webhook.allow", "").lower().split()),
    )
    return Webhook(endpoint, signers(settings.get("webhook.secret", "")))
