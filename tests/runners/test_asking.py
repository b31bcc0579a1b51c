"""A house that asks its witnesses gets their lines, once for each head, and goes on without them."""

import asyncio

import pytest

from account.kept import ORIGIN, SIGNER, VKEY, Kept
from equipoise.account.cosignature import WitnessSigner, cosigned_by
from equipoise.account.note import read_note
from equipoise.account.publishing import Publisher
from equipoise.account.witness import Head, OldSizeWrong, Witness, read_asked
from equipoise.account.witnessed import Witnessed
from equipoise.nouns.changes import Position
from equipoise.runners.asking import Asking

AT_S = 1_790_000_000
SIGNING = WitnessSigner("witness.example/w1", bytes(range(1, 33)))


class Shop(Kept):
    """A kept ledger that answers as a store does."""

    def position(self):
        head = self.checkpoints[-1] if self.checkpoints else ""
        return Position(0, 0, self.frontier.size, self.frontier.encode(), head)


class Paper:
    """Keeps nothing between two runs."""

    def read(self):
        return ""

    def write(self, text):
        pass


class Clock:
    def now_ms(self):
        return AT_S * 1000


class Notebook:
    """What a witness remembers."""

    def __init__(self):
        self.heads = {ORIGIN: Head(VKEY)}

    def head(self, origin):
        return self.heads.get(origin)

    def keep(self, origin, head):
        self.heads[origin] = head

    def accuse(self, evidence):
        raise AssertionError(evidence.why)


class Wire:
    """The other side: a witness at one address, with what it was sent; elsewhere nobody."""

    def __init__(self):
        self.witness = Witness(SIGNING, Notebook())
        self.answered = []

    async def post(self, url, text):
        if url != "http://w1/add-checkpoint":
            raise OSError(f"{url} does not answer")
        try:
            answer = 200, self.witness.add_checkpoint(read_asked(text), AT_S)
        except OldSizeWrong as wrong:
            answer = 409, f"{wrong.size}\n"
        self.answered.append(answer[0])
        return answer


def asking(shop, wire, *urls):
    """A house that asks these witnesses, and its publisher."""
    publisher = Publisher(shop, SIGNER.key, Witnessed(SIGNER.key, [SIGNING.key], Paper(), Clock()))
    return Asking(publisher, urls or ["http://w1/"], wire.post), publisher


def names(publisher):
    note = read_note(publisher.head())
    return [line.witness for line in cosigned_by(note, [SIGNING.key])]


def test_each_new_head_is_handed_in_once_with_its_proof():
    shop, wire = Shop(5), Wire()
    house, publisher = asking(shop, wire)
    for _ in range(2):
        asyncio.run(house.once())
    assert names(publisher) == ["witness.example/w1"]
    for count in (3, 300):
        shop.take(count)
        asyncio.run(house.once())
        assert names(publisher) == ["witness.example/w1"]
        assert publisher.head().startswith(publisher.newest())
    assert wire.answered == [200, 200, 200]


def test_after_a_restart_the_witness_tells_where_it_stands():
    shop, wire = Shop(5), Wire()
    asyncio.run(asking(shop, wire)[0].once())
    shop.take(4)
    house, publisher = asking(shop, wire)
    asyncio.run(house.once())
    assert wire.answered == [200, 409, 200]
    assert names(publisher) == ["witness.example/w1"]


def test_a_witness_that_does_not_answer_keeps_none_of_the_others():
    shop, wire = Shop(5), Wire()
    house, publisher = asking(shop, wire, "http://gone", "http://w1")
    asyncio.run(house.once())
    assert [bool(one.trouble) for one in house.witnesses] == [True, False]
    assert names(publisher) == ["witness.example/w1"]


@pytest.mark.parametrize(
    "answer",
    [(200, "rubbish"), (200, ""), (409, "99\n"), (409, "two histories"), (500, ""), (403, "x")],
)
def test_whatever_a_witness_answers_the_house_goes_on(answer):
    shop, wire = Shop(5), Wire()

    async def post(url, text):
        return answer

    wire.post = post
    house, publisher = asking(shop, wire)
    asyncio.run(house.once())
    assert house.witnesses[0].trouble
    assert names(publisher) == []


def test_an_empty_ledger_asks_nobody():
    wire = Wire()
    asyncio.run(asking(Shop(), wire)[0].once())
    assert wire.answered == []
