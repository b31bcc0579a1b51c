"""What a browser may do on a page of the door, which has its style within and no script at all."""

import hashlib
from base64 import b64encode


def policy(style: str) -> bytes:
    """The `Content-Security-Policy` of a page with this one style sheet, named by its digest."""
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    ).encode()
