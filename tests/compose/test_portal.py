"""The portal as it is joined: letters by the house's own sender, the real export, the paces."""

import asyncio
import re
from io import BytesIO
from zipfile import ZipFile

import pytest
from starlette.responses import PlainTextResponse

from equipoise.compose.portal import Posting, build_portal, limit_of
from equipoise.doors.pacing import Pace
from equipoise.nouns.letters import Letter
from equipoise.runners.inline import InlineDesk
from equipoise.senders.email import Email, Letterhead, Relay, write_letter
from equipoise.senders.mailbox import Mailbox
from equipoise.settings import read_settings
from show.guests import form_of, say
from show.visiting import browser, house_of, lively

LETTER = Letter(
    to="ana@example.org",
    person=16,
    locale="fr",
    subject="Votre page\r\nBcc: eve@example.org",
    text="Bonjour, voici le lien",
    key="me_1",
    at_ms=1_773_144_000_000,
)


def test_a_person_enters_by_the_mailbox_of_the_house_and_takes_their_archive_away() -> None:
    engine, mailbox = lively(), Mailbox()
    house = house_of(engine)
    desk = InlineDesk(engine, engine.clock)
    settings = read_settings(environ={}, given={"seed": "test"})
    app = build_portal(settings, house, house.ledger, desk, mailbox, PlainTextResponse("elsewhere"))
    client = browser(app, headers={"sec-fetch-site": "same-origin"})
    form = form_of(client.get("/me/enter").text)
    client.post("/me/enter", data={"form": form, "email": "ana@example.org"})
    (mail,) = mailbox.mails()
    assert (mail.to, mail.action) == ("ana@example.org", 0)
    path = re.search(r"/me/enter/\S+", mail.text)[0]
    client.post(path, data={"form": form_of(client.get(path).text)})
    archive = say(client, "/me/export", "/me/leave")
    with ZipFile(BytesIO(archive.content)) as files:
        assert "datapackage.json" in files.namelist()


def test_a_letter_is_one_plain_mail_that_nothing_can_be_written_into() -> None:
    mail = write_letter(LETTER, Letterhead("shop@example.com", "Maison", "https://shop.example"))
    assert mail["Bcc"] is None
    assert mail["List-Unsubscribe"] is None
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "fr"
    assert mail.get_content() == "Bonjour, voici le lien\n"
    with pytest.raises(ValueError, match="address"):
        write_letter(
            Letter(
                **{name: getattr(LETTER, name) for name in LETTER.__struct_fields__} | {"to": "a"}
            ),
            Letterhead("shop@example.com"),
        )


def test_a_letter_that_cannot_leave_raises_nothing() -> None:
    relay = Relay("127.0.0.1", 1, start_tls=False, timeout_s=1.0)
    asyncio.run(Posting(Email(relay, Letterhead("shop@example.com")))(LETTER))


def test_a_mailbox_and_an_address_have_paces_of_their_own() -> None:
    limit = limit_of(Pace(1, 2, lambda: 0.0), Pace(1, 1, lambda: 0.0))
    assert [limit("mail:a") == 0.0 for _ in range(2)] == [True, False]
    assert [limit("link:a") == 0.0 for _ in range(3)] == [True, True, False]
    assert limit("mail:b") == 0.0
