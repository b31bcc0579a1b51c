"""Senders are found by walking the folder and by entry point, and made from settings."""

from importlib.metadata import EntryPoint

import pytest

from equipoise.senders import GROUP, find_senders, make_senders
from equipoise.testing.fakes import RecordingSender


def make_pigeon(settings):
    """The factory that a package of others would offer."""
    return RecordingSender()


def entry(name, value=f"{__name__}:make_pigeon"):
    return EntryPoint(name, value, GROUP)


def test_every_sender_of_the_folder_is_found_under_its_own_name():
    assert set(find_senders([])) == {"email", "mailbox", "page", "webhook"}


def test_a_sender_of_an_installed_package_is_found_by_its_entry_point():
    class Loaded(EntryPoint):
        def load(self):
            return make_pigeon

    found = find_senders([Loaded("pigeon", "birds:make", GROUP)])
    assert isinstance(found["pigeon"]({}), RecordingSender)


def test_two_senders_of_one_name_are_an_error_that_names_the_package():
    with pytest.raises(ValueError, match=r"'email' of .*make_pigeon has a name that is taken"):
        find_senders([entry("email")])


def test_only_what_is_configured_is_made():
    assert set(make_senders({})) == {"mailbox", "page"}
    settings = {"smtp.url": "smtp://localhost", "smtp.from": "shop@example.com"}
    assert set(make_senders(settings)) == {"email", "mailbox", "page"}
