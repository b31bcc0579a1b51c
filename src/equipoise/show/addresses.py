"""How people are named in an address and on a page: short, stable, and easy to read aloud."""

import re

_DIGITS = "abcdefghijkmnpqrstuvwxyz23456789"
"""Thirty-two signs without those that look alike (0 and o, 1 and l)."""

_NAME = re.compile(rf"p_([{_DIGITS}]{{1,13}})|([0-9]{{1,16}})", re.ASCII)
MOST = 2**53
"""Record numbers stay below this."""


def person_name(person: int) -> str:
    """The public name of a person.

    >>> person_name(16), person_number("p_s"), person_number("16"), person_number("Ana")
    ('p_s', 16, 16, None)
    """
    rest, name = person, ""
    while rest or not name:
        rest, digit = divmod(rest, len(_DIGITS))
        name = _DIGITS[digit] + name
    return f"p_{name}"


def person_number(text: str) -> int | None:
    """The person behind a public name or a plain number; None where the text is neither."""
    found = _NAME.fullmatch(text.strip())
    if found is None:
        return None
    name, plain = found.groups()
    number = int(plain) if plain else 0
    for sign in name or "":
        number = number * len(_DIGITS) + _DIGITS.index(sign)
    return number if number < MOST else None


def record_number(text: str) -> int | None:
    """The number in `d_123`, `t_123` or plain `123`; None where the text is neither."""
    found = re.fullmatch(r"(?:[a-z]_)?([0-9]{1,16})", text.strip(), re.ASCII)
    number = int(found[1]) if found else MOST
    return number if number < MOST else None
