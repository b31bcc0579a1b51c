"""Plays that Hypothesis makes, and one to break."""

import msgspec
from hypothesis import strategies as st

from equipoise.nouns.plays import (
    SILENCE,
    All,
    AnyOf,
    Cap,
    Compare,
    Condition,
    Goal,
    Limits,
    Not,
    Option,
    Play,
    Trigger,
)

GOOD = """\
name: after-first-order
title: {en: Thank you, fr: Merci}
purpose: marketing
goal: {event: Order Completed, within_days: 14, value: revenue, currency: EUR}
moment: {event: Order Completed, where: {field: event.revenue, at_least: 30}}
audience:
  all:
    - {field: orders.count, at_most: 3}
    - not: {field: traits.country, is: NO}
options:
  - name: thanks
    do: notify
    channel: email
    subject: {en: Thank you, fr: Merci}
    body: {en: "Hello {{ traits.first_name | you }}", fr: Bonjour}
    cost: 0.01
    share: 0.5
  - name: voucher
    do: offer
    channel: page
    title: {en: For you, fr: Pour vous}
    cost: 5
    share: 0.25
    stock: 100
limits: {per_person: [{times: 1, days: 30}], total: 1000, valid_for_hours: 24}
chooser: fixed_shares
explore_floor: 0.02
holdout: 0.1
"""
"""A play without a mistake or a warning."""

names = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
# What YAML cannot carry as it is: control characters, and half a surrogate pair.
texts = st.one_of(
    st.sampled_from(
        ["NO", "yes", "1", "1.5", "06000", "12:30", "null", "~", " a ", "a: b", "# c", "{x", "é\n"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12),
)
# No braces in what a person reads: a place would have to be a good one.
spoken = texts.map(lambda text: text.replace("{", "(").replace("}", ")"))
wordings = st.one_of(
    spoken, st.dictionaries(st.sampled_from(["en", "fr", "de", "no"]), spoken, min_size=1)
)
small = st.floats(0.25, 300, allow_nan=False)
amounts = st.floats(0, 1e6, allow_nan=False)
numbers = st.one_of(st.integers(-1000, 1000), st.floats(-1e9, 1e9, allow_nan=False))
scalars = st.one_of(numbers, texts, st.booleans())
fields = st.sampled_from(
    ["orders.count", "traits.country", "traits.First Name", "events.Tap.count"]
)

compares = st.one_of(
    st.builds(Compare, fields, st.sampled_from(["is", "is_not"]), scalars),
    st.builds(
        Compare, fields, st.sampled_from(["at_least", "more_than", "at_most", "less_than"]), numbers
    ),
    st.builds(Compare, fields, st.just("one_of"), st.lists(scalars, min_size=1).map(tuple)),
    st.builds(Compare, fields, st.just("known"), st.booleans()),
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    compares,
    lambda inner: st.one_of(
        st.builds(All, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=5,
)


def optional(strategy):
    """Nothing, or something of this kind."""
    return st.one_of(st.none(), strategy)


options = st.builds(
    Option,
    name=names.filter(lambda name: name != "silence"),
    do=st.sampled_from(["notify", "offer", "reward", "hand_over", "command", "share"]),
    channel=st.just("page"),
    content=st.dictionaries(
        st.one_of(st.sampled_from(["subject", "body"]), names), wordings, min_size=1
    ),
    cost=amounts,
    price=optional(amounts),
    share=optional(st.floats(0, 0.1)),
    stock=optional(st.integers(0, 1000)),
    review=st.booleans(),
)


def sensible(goal: Goal) -> Goal:
    """A goal that is later than its early event, where it has one."""
    if not goal.early:
        return goal
    return msgspec.structs.replace(goal, early_days=goal.window_days / 2)


triggers = st.one_of(
    st.builds(Trigger, event=texts, where=optional(conditions)),
    st.builds(Trigger, decide=texts, where=optional(conditions)),
    st.builds(Trigger, every_hours=small, where=optional(conditions)),
)
plays = st.builds(
    Play,
    name=names,
    purpose=names,
    moment=triggers,
    options=st.lists(options, min_size=1, max_size=4, unique_by=lambda option: option.name).map(
        lambda some: (*some, SILENCE)
    ),
    goal=optional(
        st.builds(
            Goal,
            event=texts,
            window_days=small,
            value=st.one_of(amounts, texts),
            currency=st.sampled_from(["EUR", "CHF"]),
            early=st.sampled_from(["", "Early \u00e9"]),
            early_days=st.just(1.0),
        ).map(sensible)
    ),
    audience=optional(conditions),
    limits=st.builds(
        Limits,
        per_person=st.lists(st.builds(Cap, st.integers(1, 9), small), max_size=2).map(tuple),
        total=optional(st.integers(1, 10**9)),
        valid_for_hours=small,
        lapses_after_days=optional(small),
    ),
    features=st.lists(fields, unique=True, max_size=3).map(tuple),
    model=st.sampled_from(["", "forest"]),
    explore_floor=st.floats(0, 0.1),
    holdout=st.floats(0, 0.9),
    priority=st.integers(-1000, 1000),
    status=st.sampled_from(["draft", "live", "paused", "retired"]),
    effect=st.sampled_from(["none", "significant", "legal"]),
    title=wordings,
)
"""Plays that read well, made in Python."""
