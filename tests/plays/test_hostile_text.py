"""Whatever text comes as a play, it is a play, or every mistake in it is told with its line."""

from contextlib import suppress

from hypothesis import example, given
from hypothesis import strategies as st

from equipoise.nouns.plays import Play
from equipoise.plays.reading import PlayMistakes, read_play

PLAIN = """
name: thanks
purpose: marketing
moment: {event: Order Completed}
audience: {field: orders.count, at_least: 1}
options:
  - {name: mail, do: notify, channel: email, subject: {en: Hi}, body: {en: Hello}}
limits: {valid_for_hours: 48}
"""
scalars = st.sampled_from(
    [
        "1e999",
        "-1",
        "null",
        "~",
        "'",
        '"',
        "[]",
        "{}",
        "*a",
        "&a",
        "!!python/object:os",
        "9" * 400,
        "\t",
        "é",
    ]
)


@st.composite
def broken(draw):
    """A play with a few of its letters or words replaced."""
    text = PLAIN
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        end = min(len(text), at + draw(st.integers(0, 12)))
        text = text[:at] + draw(scalars | st.text(max_size=6)) + text[end:]
    return text


@given(broken() | st.text(max_size=200))
@example("[" * 3000)
@example("a: &a [*a, *a]")
@example("a: &a [x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]")
@example("? {a: b}\n: c")
@example("\x00")
def test_any_text_is_a_play_or_its_mistakes(text):
    with suppress(PlayMistakes):
        assert isinstance(read_play(text), Play)
