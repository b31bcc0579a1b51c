"""The town's mailbox: it keeps what would have left, and nothing leaves."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from equipoise.ports import GaveUp
from equipoise.senders.mailbox import Mailbox, make
from equipoise.testing.exams_sender import examine_sender, example_action


class Stage:
    """The mailbox as its own receiver, which takes everything."""

    moods = frozenset({"takes"})

    def __init__(self):
        self.sender = Mailbox()

    async def set_mood(self, mood):
        pass

    def keys(self):
        return [mail.key for mail in reversed(self.sender.mails())]


@asynccontextmanager
async def stage():
    yield Stage()


def filled(count, keep_most=500):
    mailbox = Mailbox(keep_most)
    for number in range(1, count + 1):
        asyncio.run(mailbox.send(example_action(number)))
    return mailbox


def test_the_mailbox_passes_the_exam_of_senders():
    asyncio.run(examine_sender(stage))


def test_a_mail_is_kept_as_it_would_have_left():
    mail = filled(1).mails()[0]
    assert (mail.to, mail.subject, mail.text) == (
        "ana@example.org",
        "Spring is here",
        "Come and see.",
    )
    assert (mail.action, mail.key, mail.person) == (1, example_action().key, 1)


def test_the_newest_mails_are_kept_and_shown_first():
    mailbox = filled(5, keep_most=3)
    assert [mail.action for mail in mailbox.mails()] == [5, 4, 3]
    assert [mail.action for mail in mailbox.mails(2)] == [5, 4]
    assert mailbox.mail(example_action(4).key).action == 4
    assert mailbox.mail(example_action(1).key) is None


def test_a_repeat_is_dropped_by_its_key():
    mailbox = filled(1)
    asyncio.run(mailbox.send(example_action(1)))
    assert len(mailbox.mails()) == 1


def test_a_person_without_an_address_gets_no_mail():
    with pytest.raises(GaveUp, match="no e-mail address"):
        asyncio.run(make({}).send(replace(example_action(), handles=())))
