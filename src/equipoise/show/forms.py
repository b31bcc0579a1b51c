"""What a form sends: fields by name, bounded in size."""

import re
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from urllib.parse import parse_qsl

from starlette.requests import Request

MOST_BYTES = 16_384
"""The largest form that is read, in bytes."""

FIELDS_MOST = 500
"""The most fields of a form."""


FORM_FIELD = "form-token"
"""The first field of every form that is posted: it says which session the page belongs to."""

FORM_HEADER = "x-equipoise-form"
"""Where a script says the same."""

_POSTS = re.compile(r"<form\b[^>]*\bmethod=\"post\"[^>]*>", re.IGNORECASE)


class FormUnread(ValueError):
    """The form has more bytes or fields than one may have."""


class FieldUnread(ValueError):
    """What was typed into a field cannot be taken as it is; the message says what to do."""


async def read_form(request: Request) -> dict[str, list[str]]:
    """The fields of a form by name; raises `FormUnread`.

    What is not a form reads as one without fields.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise FormUnread(f"a form may have {MOST_BYTES} bytes, this one has more")
    fields: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), max_num_fields=FIELDS_MOST)
    except ValueError as problem:
        raise FormUnread(f"a form may have {FIELDS_MOST} fields: {problem}") from None
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def first(fields: dict[str, list[str]], name: str, most: int = 500) -> str:
    """The first value of a field without spaces around it, cut at `most` characters; or nothing."""
    return fields.get(name, [""])[0].strip()[:most]


def end_of_day(text: str) -> int:
    """The end of a day (UTC) as ms since 1970, 0 for none; raises `FieldUnread`.

    >>> end_of_day("1970-01-02"), end_of_day("")
    (172800000, 0)
    """
    if not text:
        return 0
    try:
        day = date.fromisoformat(text) + timedelta(days=1)
        return round(datetime.combine(day, time(), UTC).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise FieldUnread(f"until {text!r}: needs a day such as 2027-01-31") from None


def with_token(page: str, token: str) -> str:
    """A page whose posted forms carry a token as their first field: no template can forget it."""
    field = f'<input type="hidden" name="{FORM_FIELD}" value="{escape(token)}">'
    return _POSTS.sub(lambda form: form[0] + field, page) if token else page
