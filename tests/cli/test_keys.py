"""`equipoise keys` gives keys that open, lists digests only, and takes back what it gave."""

import stat

import pytest

from equipoise.stores.keyring import read_keyring


@pytest.mark.parametrize("kind", ["server", "public"])
def test_a_key_that_is_given_speaks_with_its_trust(equipoise, shop, kind):
    secret = equipoise("keys", "add", "till", "--for", kind, "--json").json["key"]
    source = read_keyring(shop / "equipoise.keys").source(secret)
    assert (source.name, source.trust) == ("till", kind)


def test_an_operator_gets_a_login(equipoise, shop):
    secret = equipoise("keys", "add", "ana", "--for", "operator", "--json").json["key"]
    assert read_keyring(shop / "equipoise.keys").operator(secret) == "ana"


def test_a_name_may_have_two_keys_and_revoking_takes_both_back(equipoise, shop):
    both = [equipoise("keys", "add", "till", "--json").json["key"] for _ in range(2)]
    assert "took back 2 keys" in equipoise("keys", "revoke", "till").out
    keyring = read_keyring(shop / "equipoise.keys")
    assert [keyring.source(key) for key in both] == [None, None]


def test_the_list_holds_no_key(equipoise, shop):
    secret = equipoise("keys", "add", "till", "--json").json["key"]
    for words in (("keys", "list"), ("keys", "list", "--json")):
        said = equipoise(*words)
        assert "till" in said.out
        assert secret not in said.out


def test_the_key_file_stays_its_owners_and_leaves_no_draft(equipoise, shop):
    equipoise("keys", "add", "till")
    assert stat.S_IMODE((shop / "equipoise.keys").stat().st_mode) == 0o600
    assert not list(shop.glob("equipoise.keys.*"))


def test_a_name_that_nobody_has_is_told(equipoise, shop):
    said = equipoise("keys", "revoke", "nobody")
    assert said.code == 2
    assert "nobody is called 'nobody'" in said.err


def test_a_key_file_that_others_can_read_is_refused(equipoise, shop):
    (shop / "equipoise.keys").chmod(0o640)
    said = equipoise("keys", "list")
    assert said.code == 2
    assert "chmod 600" in said.err
