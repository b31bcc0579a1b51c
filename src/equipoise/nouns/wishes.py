"""What a person says of what reached them: one of four words, given with one tap."""

from typing import Literal, get_args

import msgspec

Answer = Literal["welcome", "not_now", "too_much", "untrue"]
"""How a contact felt to the person it reached."""

ANSWERS: tuple[Answer, ...] = get_args(Answer)
"""The four answers, in the order in which they are offered."""


class Felt(msgspec.Struct, array_like=True, frozen=True):
    """One answer about one contact: `decision` is its number, 0 where none was named.

    `at_ms` is when it was said, `seq` the record that said it.
    """

    answer: Answer
    at_ms: int
    seq: int
    decision: int = 0
    play: str = ""
    option: str = ""
