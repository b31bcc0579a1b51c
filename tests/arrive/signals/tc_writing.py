"""An encoder of TC strings that shares no code with the reader: its oracle."""

from base64 import urlsafe_b64encode


def written(bits: str) -> str:
    """Bits as base64url, filled up with zeros."""
    bits += "0" * (-len(bits) % 8)
    data = bytes(int(bits[place : place + 8], 2) for place in range(0, len(bits), 8))
    return urlsafe_b64encode(data).decode().rstrip("=")


def number(value: int, width: int) -> str:
    """A whole number in so many bits."""
    return format(value, f"0{width}b")


def places(chosen: set[int], width: int) -> str:
    """One bit for each place from 1."""
    return "".join("1" if place in chosen else "0" for place in range(1, width + 1))


def letters(text: str) -> str:
    """Capitals in six bits each."""
    return "".join(number(ord(letter) - 65, 6) for letter in text)


def runs(chosen: set[int]) -> list[tuple[int, int]]:
    """The ranges that a set consists of."""
    found: list[tuple[int, int]] = []
    for one in sorted(chosen):
        if found and found[-1][1] == one - 1:
            found[-1] = (found[-1][0], one)
        else:
            found.append((one, one))
    return found


def ranges(chosen: set[int]) -> str:
    """A list of ranges with its length."""
    told = runs(chosen)
    bits = number(len(told), 12)
    for start, end in told:
        bits += (
            "0" + number(start, 16) if start == end else "1" + number(start, 16) + number(end, 16)
        )
    return bits


def vendors(chosen: set[int], *, as_ranges: bool) -> str:
    """A set of vendors, in one of the two ways."""
    most = max(chosen, default=0)
    if as_ranges:
        return number(most, 16) + "1" + ranges(chosen)
    return number(most, 16) + "0" + places(chosen, most)


def core(**told) -> str:
    """The bits of a core segment; what is not told is empty."""
    as_ranges = told.get("as_ranges", False)
    bits = number(2, 6)
    bits += number(told.get("created", 15_822_430_593), 36)
    bits += number(told.get("updated", 15_822_430_593), 36)
    bits += number(27, 12) + number(3, 12) + number(5, 6) + letters("FR") + number(15, 12)
    bits += number(5, 6) + "1" + "0" + places(told.get("features", set()), 12)
    bits += places(told.get("purposes", set()), 24) + places(told.get("interests", set()), 24)
    bits += "1" + letters("DE")
    bits += vendors(told.get("consent", set()), as_ranges=as_ranges)
    bits += vendors(told.get("interest", set()), as_ranges=as_ranges)
    restrictions = told.get("restrictions", [])
    bits += number(len(restrictions), 12)
    for purpose, kind, chosen in restrictions:
        bits += number(purpose, 6) + number(kind, 2) + ranges(chosen)
    return bits


def tc(disclosed: set[int] | None = None, **told) -> str:
    """A whole TC string."""
    text = written(core(**told))
    if disclosed is not None:
        text += "." + written(
            number(1, 3) + vendors(disclosed, as_ranges=told.get("as_ranges", False))
        )
    return text
