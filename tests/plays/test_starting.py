"""Every template is a play that can run as it is, in both languages."""

import pytest

from equipoise.plays.reading import Known, check_play, read_play
from equipoise.plays.starting import new_play, templates
from equipoise.remember.fields import CATALOGUE, field_type, never

HOUSE = Known(field=field_type, fields=tuple(row.name for row in CATALOGUE), sliding=never)


@pytest.mark.parametrize("name", templates())
def test_a_template_has_no_mistake_and_no_warning(name):
    checked = check_play(new_play(name), HOUSE)
    assert checked.mistakes == []
    assert checked.play is not None
    assert checked.play.name == name


def test_those_that_are_promised_are_there_with_a_sentence():
    assert list(templates()) == [
        "basket-left",
        "home-hero",
        "keep-my-limit",
        "next-message",
        "service-notice",
        "thank-you",
        "welcome",
        "win-back",
    ]
    assert all(sentence.endswith(".") for sentence in templates().values())


def test_the_moments_are_of_every_kind():
    moments = {name: read_play(new_play(name)).moment for name in templates()}
    assert moments["win-back"].every_hours == 24
    assert moments["home-hero"].decide == "home-hero"
    assert read_play(new_play("service-notice")).purpose == "service"


def test_a_new_play_takes_the_name_that_it_is_given():
    assert read_play(new_play("welcome", "spring-hello")).name == "spring-hello"


@pytest.mark.parametrize(
    ("template", "name", "message"),
    [
        ("welcom", "", "came 'welcom'; did you mean welcome?"),
        ("welcome", "Spring Hello", "came 'Spring Hello'"),
        ("../welcome", "", "needs a template that is there"),
    ],
)
def test_a_wrong_template_or_name_says_what_would_be_right(template, name, message):
    with pytest.raises(ValueError, match=r"name|template") as caught:
        new_play(template, name)
    assert message in str(caught.value)
