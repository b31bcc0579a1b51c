"""A partner for tests: a share of three questions, and Ana, about whom it asks."""

import json

import msgspec

from equipoise.nouns.events import Handle, IntakeRow, Source
from equipoise.nouns.plays import Compare
from equipoise.nouns.shares import Band, Count, Holds, OpenShare, ReadShare, ShareToken
from house import granted, house, identify, receipts

ADULT = Compare("traits.age", "at_least", 18)
QUESTIONS = (
    Holds(name="adult", condition=ADULT, text="traits.age >= 18"),
    Band(name="age", field="traits.age", edges=(18.0, 30.0, 65.0)),
    Count(name="adults", condition=ADULT, text="traits.age >= 18", at_least=20),
)
TOKEN = ShareToken("abcd1234", "0" * 64)
ANA, NOBODY = Handle("user_id", "ana"), Handle("user_id", "nobody-here")


def grant(**given):
    """A grant of the three questions."""
    said = {"recipient": "Crèche", "purpose": "partner", "token": TOKEN, "by": "zoë"}
    return OpenShare(**(said | {"questions": QUESTIONS} | given))


PARTNER = Source("partner")


def ask(engine, record, source=PARTNER):
    """What the step answers to a record of a share."""
    return json.loads(engine.ask("share", record, source))


def shop(**settings):
    """A house with Ana, who is 34 and allows her answers, and a share of three questions."""
    engine = house(**settings)
    engine.take([identify("ana", age=34, city="Nice"), granted("ana", purpose="partner")])
    told = ask(engine, grant())
    assert told["ok"]
    return engine, int(told["share"][2:])


def read(engine, share, *asked, who=(ANA,), **given):
    """A read by the partner, about Ana where nobody else is named."""
    said = {"share": share, "token": TOKEN.id, "purpose": "partner"} | given
    return ask(engine, ReadShare(asked=asked or ("adult",), handles=who, **said))


def read_at(engine, share, at_ms, token):
    """A read of whether Ana is of age that arrives at a time of its own."""
    said = ReadShare(share=share, token=token, purpose="partner", asked=("adult",), handles=(ANA,))
    row = IntakeRow(0, "share", PARTNER, at_ms, msgspec.msgpack.encode(said))
    return json.loads(engine.hand_in(row)[1])


def newest(engine, kind="share"):
    """The newest receipt of a type."""
    return [body for body in receipts(engine) if body["type"] == kind][-1]
