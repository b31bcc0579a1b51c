"""Reading a play: everything that is wrong is told at once, at its line, with what to do."""

from hashlib import sha256

import pytest

from equipoise.nouns.plays import SILENCE, All, Cap, Compare, Goal, Limits, Not, Trigger
from equipoise.plays.lines import MOST_CHARACTERS, MOST_LEVELS, PlayMistakes
from equipoise.plays.mentions import MOST_COMPARISONS
from equipoise.plays.reading import Known, check_play, read_play
from plays.made import GOOD

TYPES = {
    "orders.count": "number",
    "traits.country": "text",
    "traits.vip": "boolean",
    "traits.first_name": "any",
}
HOUSE = Known(
    field=TYPES.get,
    fields=tuple(TYPES),
    sliding=lambda name: "the window slides" if name.endswith("_7d") else None,
)


def told(text: str, known: Known | None = None) -> list[str]:
    """The mistakes of a text as they are printed."""
    return [str(mistake) for mistake in check_play(text, known).mistakes]


def test_a_good_play_becomes_its_nouns():
    play = read_play(GOOD, HOUSE)
    assert play.name == "after-first-order"
    assert play.title == {"en": "Thank you", "fr": "Merci"}
    assert play.goal == Goal(
        event="Order Completed", window_days=14, value="revenue", currency="EUR"
    )
    assert play.moment == Trigger(
        event="Order Completed", where=Compare("event.revenue", "at_least", 30)
    )
    assert play.audience == All(
        (Compare("orders.count", "at_most", 3), Not(Compare("traits.country", "is", "NO")))
    )
    assert play.limits == Limits(per_person=(Cap(1, 30.0),), total=1000, valid_for_hours=24.0)
    assert [option.name for option in play.options] == ["thanks", "voucher", "silence"]
    assert play.options[0].content["subject"] == {"en": "Thank you", "fr": "Merci"}
    assert play.options[1].stock == 100
    assert play.chooser == "fixed_shares"
    assert play.version == sha256(GOOD.encode()).hexdigest()
    assert told(GOOD, HOUSE) == []


def test_silence_is_added_where_it_is_not_written_and_kept_where_it_is():
    assert read_play(GOOD).options[-1] == SILENCE
    written = GOOD.replace("limits:", "  - {name: silence, do: silence, share: 0.25}\nlimits:")
    options = read_play(written).options
    assert [option.share for option in options] == [0.5, 0.25, 0.25]
    assert options[-1].channel == ""


def test_several_operators_on_one_field_all_hold():
    text = GOOD.replace("at_most: 3}", "at_most: 3, at_least: 1}")
    audience = read_play(text).audience
    assert isinstance(audience, All)
    assert audience.of[0] == All(
        (Compare("orders.count", "at_least", 1), Compare("orders.count", "at_most", 3))
    )


def test_every_mistake_is_found_at_once_whatever_its_kind():
    """A mistake of form does not hide one of meaning, nor the first the second."""
    text = (
        GOOD.replace("name: after-first-order", "name: After First")
        .replace("within_days: 14", "within_days: soon")
        .replace("orders.count, at_most", "orders.cuont, at_most")
        .replace("share: 0.25", "share: 0.75")
        .replace("traits.first_name |", "traits.first_nme |")
    )
    assert [message.partition(":")[0] for message in told(text, HOUSE)] == [
        "line 1, column 7",
        "line 4, column 45",
        "line 8, column 15",
        "line 11, column 3",
        "line 15, column 16",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        # Form: the names, and what stands in them.
        (
            "purpose:",
            "purpos:",
            "line 3, column 1: purpos: a play has no 'purpos'; did you mean purpose?",
        ),
        (
            "purpose: marketing\n",
            "",
            "line 1, column 1: purpose is missing; write for example purpose: marketing",
        ),
        (
            "do: notify",
            "do: notfy",
            "hand_over, command, share, silence, came the text 'notfy'; did you mean notify?",
        ),
        (
            "stock: 100",
            "stock: plenty",
            "needs a whole number of at least 0, came the text 'plenty'",
        ),
        ("total: 1000", "total: true", "limits.total: needs a whole number"),
        (
            "cost: 0.01",
            "cost: 0,01",
            "write it in digits, with a point for the fraction and without quotes",
        ),
        ("{en: Thank you, fr: Merci}\n    body", "50\n    body", "the number 50; put it in quotes"),
        ("at_most: 3}", "at_mots: 3}", "did you mean at_most?"),
        (
            "at_most: 3}",
            "}",
            "line 8, column 7: audience.all[0]: says nothing about the field; add one of is,",
        ),
        ("- not:", "- nor:", "needs one of field, all, any, not, came nor; did you mean not?"),
        (
            "moment: {event: Order Completed,",
            "moment: {",
            "needs exactly one of event, decide, every_hours, came none",
        ),
        ("moment: {event:", "moment: {decide: x, event:", "every_hours, came event and decide"),
        ("{times: 1, days: 30}", "{times: 1}", "days is missing"),
        (
            "[{times: 1, days: 30}]",
            "{times: 1, days: 30}",
            "needs a list, came a block with times, days",
        ),
        (
            "holdout: 0.1",
            "holdout: 1",
            "needs a number of at least 0 and below 1, came the number 1",
        ),
        (
            "share: 0.5",
            "share: 0.5\n    share: 0.4",
            "share is written twice, first on line 17; keep one of them",
        ),
        (
            "fr: Bonjour",
            "french: Bonjour",
            "options[0].body.french: needs a language such as en or fr",
        ),
        # Meaning: what fits together.
        (
            "share: 0.5",
            "share: 0.8",
            "the shares may add up to 1 at most (what is left goes to silence), came 1.05",
        ),
        ("    share: 0.5\n", "", "line 11, column 5: options[0]: share is missing"),
        (
            "explore_floor: 0.02",
            "explore_floor: 0.4",
            "a floor of 0.4 for each of 3 options (silence is one)",
        ),
        (
            "chooser: fixed_shares",
            "chooser: fixed_share",
            "came 'fixed_share'; did you mean fixed_shares?",
        ),
        ("name: voucher", "name: thanks", "an option on line 11 is called thanks already"),
        (
            "name: voucher",
            "name: silence",
            "an option does silence exactly when its name is silence",
        ),
        ("do: offer", "do: silence", "options[1].channel: silence has no channel; take it away"),
        (
            "do: offer\n",
            "do: reward\n    colour: red\n",
            "one thing that could be done has no 'colour'",
        ),
        (
            "channel: page",
            "channel: email",
            "options[1]: subject is missing, and an e-mail needs one",
        ),
        (
            "    title: {en: For you, fr: Pour vous}\n",
            "",
            "there is nothing to say, and offer needs something",
        ),
        (
            "    stock: 100",
            "    content: {title: x}",
            "title is written beside content and inside it",
        ),
        # What is mentioned.
        (
            "orders.count",
            "orders.cuont",
            "no profile field 'orders.cuont'; did you mean orders.count?",
        ),
        ("is: NO", "is: 5", "traits.country is a text, so it never equals the number 5"),
        ("is: NO", "one_of: [NO, true]", "traits.country is a text, so it never equals true"),
        ("is: NO", "at_least: 5", "at_least compares numbers, and traits.country is a text"),
        ("traits.first_name | you", "traits.age | you", "no profile field 'traits.age'"),
        (
            "{{ traits.first_name | you }}",
            "{{ first_name() }}",
            "{{ first_name() }} cannot be filled",
        ),
        ("{{ traits.first_name | you }}", "{% if x %}", "{% if x %} cannot be filled"),
        (
            "moment: {event: Order Completed,",
            "moment: {every_hours: 24,",
            "so event.revenue is never known",
        ),
    ],
)
def test_each_mistake_says_where_what_was_needed_what_came_and_what_to_do(old, new, message):
    assert old in GOOD
    checked = check_play(GOOD.replace(old, new, 1), HOUSE)
    assert checked.play is None
    assert any(message in str(mistake) for mistake in checked.errors), told(
        GOOD.replace(old, new, 1), HOUSE
    )


def test_a_restraint_that_weighs_on_people_must_wait_for_a_human():
    text = GOOD.replace("do: offer", "do: restrain").replace("holdout: 0.1", "effect: legal")
    checked = check_play(text, HOUSE)
    assert [error.path for error in checked.errors] == ["options[1].do"]
    reviewed = text.replace("stock: 100", "stock: 100\n    review: true")
    assert check_play(reviewed, HOUSE).errors == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("purpose: marketing", "purpose: marketting", "did you mean marketing?"),
        ("channel: page", "channel: pgae", "did you mean page?"),
        ("{en: For you, fr: Pour vous}", "Just for you", "no text is marked as en and fr"),
        ("{en: For you, fr: Pour vous}", "{en: For you}", "no text is marked as fr"),
        ("chooser: fixed_shares", "chooser: uniform", "the chooser uniform does not use shares"),
        ("do: offer", "do: restrain", "a restraint waits for a human (effect is none)"),
        ("holdout: 0.1", "effect: legal", "think of review: true here"),
        (
            "goal: {event: Order Completed, within_days: 14, value: revenue, currency: EUR}",
            "",
            "without a goal",
        ),
    ],
)
def test_a_warning_is_told_and_does_not_stop_a_play(old, new, message):
    checked = check_play(GOOD.replace(old, new, 1), HOUSE)
    assert checked.play is not None
    assert any(message in str(mistake) for mistake in checked.mistakes), checked.mistakes
    assert {mistake.level for mistake in checked.mistakes} == {"warning"}


def test_a_field_that_slides_with_the_present_cannot_be_selected_by_on_a_schedule():
    opening = "event: Order Completed, where: {field: event.revenue"
    text = GOOD.replace(opening, "every_hours: 24, where: {field: spend_7d")
    house = Known(field=lambda _: "number", sliding=HOUSE.sliding)
    assert any(
        "spend_7d cannot be used on a schedule: the window slides" in m for m in told(text, house)
    )
    on_event = GOOD.replace("event.revenue", "spend_7d")
    assert not any("schedule" in m for m in told(on_event, house))


def test_reading_raises_all_the_mistakes_warnings_too():
    text = GOOD.replace("holdout: 0.1", "holdout: 2").replace("purpose: marketing", "purpose: fun")
    with pytest.raises(PlayMistakes) as caught:
        read_play(text)
    assert [mistake.level for mistake in caught.value.mistakes] == ["warning", "error"]
    assert str(caught.value).count("\n") == 1


def test_other_choosers_are_taken_where_the_house_has_them():
    text = GOOD.replace("chooser: fixed_shares", "chooser: squarecb")
    assert check_play(text).play is None
    assert read_play(text, Known(choosers=("squarecb",))).chooser == "squarecb"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1: the file is empty"),
        ("name: [a", "this is not readable as YAML"),
        ("name: a\n\tpurpose: b", "line 2, column 1: this is not readable as YAML"),
        ("name: 'a", "look at the indentation, colons and quotes here"),
        ("name: \x07", "this is not readable as YAML"),
        ("- a\n- b", "needs a block with name, title, purpose, status, came a list of 2"),
        ("hello", "came the text 'hello'"),
        ("a: &x [1]\nb: *x", "plays have no aliases; write out what *x stands for"),
        ("a: !!python/object/apply:os.system [ls]", "plays have no tags"),
        ("a: 1\n---\nb: 2", "line 2, column 1: a file holds one play"),
        ("body: {{ traits.first_name }}", "quote texts that begin with { or ["),
        ('name: "\\ud83d"', "half a character"),
        ("[" * 5000, f"nested more than {MOST_LEVELS} levels deep"),
        (
            "#" * (MOST_CHARACTERS + 1),
            "a play has at most 200,000 characters, this one has 200,001",
        ),
    ],
)
def test_what_is_no_play_at_all_is_told_and_never_breaks_the_reader(text, message):
    assert any(message in line for line in told(text)), told(text)


def test_a_bomb_of_aliases_is_refused_before_it_unfolds():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert all("plays have no" in line for line in told("\n".join(lines)))


def test_a_condition_has_a_bound_on_its_size():
    many = ", ".join(["{field: orders.count, is: 1}"] * 100)
    nested = f"all: [{{any: [{many}]}}, {{any: [{many}]}}, {{field: orders.count, is: 2}}]"
    text = f"{GOOD}x: 1".replace("x: 1", "").replace(
        "  all:\n    - {field: orders.count, at_most: 3}\n    - not: {field: traits.country, is: NO}",
        f"  {nested}",
    )
    assert any(
        f"needs at most {MOST_COMPARISONS} comparisons, came 201" in line for line in told(text)
    )


def test_words_that_look_like_booleans_or_dates_stay_words():
    """Norway is no answer: `NO`, `on`, `12:30`, `06000` and `2026-01-01` are texts."""
    items = "[NO, on, 12:30, 06000, 2026-01-01, true, 5, 1.5, 1e2]"
    audience = read_play(GOOD.replace("is: NO", f"one_of: {items}")).audience
    assert isinstance(audience, All)
    condition = audience.of[1]
    assert isinstance(condition, Not)
    assert isinstance(condition.of, Compare)
    assert condition.of.value == ("NO", "on", "12:30", "06000", "2026-01-01", True, 5, 1.5, 100.0)
