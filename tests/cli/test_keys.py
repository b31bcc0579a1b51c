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


def test_a_key_has_an_id_that_is_listed_and_takes_only_that_key_back(equipoise, shop):
    first, second = (equipoise("keys", "add", "till", "--json").json["key"] for _ in range(2))
    env, key_id = first.split("_")[1:3]
    assert (env, len(key_id), len(first.split("_", 3)[3])) == ("live", 8, 43)
    assert key_id in equipoise("keys", "list").out
    equipoise("keys", "revoke", key_id)
    keyring = read_keyring(shop / "equipoise.keys")
    assert keyring.source(first) is None
    assert keyring.source(second).name == "till"


def test_a_third_living_key_of_a_name_is_refused_with_what_to_do(equipoise, shop):
    for _ in range(2):
        equipoise("keys", "add", "till")
    said = equipoise("keys", "add", "till")
    assert said.code == 2
    assert "two are enough" in said.err


def test_a_key_is_changed_for_another_without_a_gap(equipoise, shop):
    old = equipoise("keys", "add", "till", "--may", "read", "--json").json["key"]
    new = equipoise("keys", "rotate", "till", "--days", "7", "--json").json["key"]
    keyring = read_keyring(shop / "equipoise.keys")
    assert keyring.source(old) == keyring.source(new)
    assert keyring.key(new).scopes == ("read",)
    assert keyring.key(new).until_ms == 0 < keyring.key(old).until_ms
    assert equipoise("keys", "rotate", "nobody").code == 2


def test_a_scope_that_is_none_is_told(equipoise, shop):
    said = equipoise("keys", "add", "till", "--may", "read fly")
    assert said.code == 2
    assert "there is no 'fly'" in said.err


@pytest.mark.parametrize("role", ["marketer", "analyst", "staff", "officer", "admin"])
def test_an_operator_gets_the_role_that_is_told(equipoise, shop, role):
    equipoise("keys", "add", "ana", "--for", role)
    assert [one.role for one in read_keyring(shop / "equipoise.keys").operators][-1] == role
