"""Frames survive every way in which a stream may be cut."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from equipoise.runners.frames import Frames, Walked, frame

WALKED = st.builds(
    Walked,
    cursor=st.integers(0, 2**62),
    next_due_ms=st.none() | st.integers(0, 2**62),
    replies=st.dictionaries(st.integers(1, 2**62), st.binary(max_size=300), max_size=5),
)


@given(st.lists(WALKED, max_size=5), st.lists(st.integers(0, 400), max_size=8))
def test_messages_come_out_whole_and_in_order_however_the_stream_is_cut(messages, cuts):
    stream = b"".join(map(frame, messages))
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    frames, heard = Frames(), []
    for start, stop in pairwise(places):
        heard += frames.feed(stream[start:stop])
    assert heard == messages


def test_half_a_message_is_not_told_before_its_other_half():
    whole = frame(Walked(7, None, {3: b"{}"}))
    frames = Frames()
    assert frames.feed(whole[:-1]) == []
    assert frames.feed(whole[-1:]) == [Walked(7, None, {3: b"{}"})]
