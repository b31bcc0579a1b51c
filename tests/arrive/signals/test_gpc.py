"""Sec-GPC counts where it is exactly 1, and is nothing otherwise."""

import pytest

from equipoise.arrive.signals.gpc import says_gpc


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], False),
        ([b"1"], True),
        ([b"0"], False),
        ([b"true"], False),
        ([b" 1"], False),
        ([b"1", b"0"], True),
        ([b"0", b"1"], True),
        ([b"11"], False),
        ([b""], False),
    ],
)
def test_one_header_of_exactly_one_is_enough(values, said):
    headers = [(b"host", b"1"), *((b"sec-gpc", value) for value in values)]
    assert says_gpc(headers) is said
