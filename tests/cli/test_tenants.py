"""`equipoise tenants` makes houses that are apart, and lists them."""

import stat

import pytest

from equipoise.compose.tenants import read_tenants
from equipoise.stores.keyring import read_keyring


@pytest.fixture
def two(equipoise, shop):
    for name in ("amber", "birch"):
        assert equipoise("tenants", "add", name, "--host", f"{name}.example").code == 0
    return shop / "tenants"


def test_each_tenant_has_files_keys_a_ledger_and_a_host_of_its_own(two):
    amber, birch = read_tenants(two)
    assert [amber.host, birch.host] == ["amber.example", "birch.example"]
    assert amber.settings.text("origin") == "amber.example/equipoise"
    secrets = [read_keyring(two / name / "equipoise.keys") for name in ("amber", "birch")]
    for name in ("ledger", "seed", "digests", "backups"):
        assert getattr(secrets[0], name) != getattr(secrets[1], name)
    assert stat.S_IMODE((two / "amber").stat().st_mode) == 0o700


def test_tenants_are_listed_with_their_hosts(equipoise, two):
    told = equipoise("tenants", "list", "--json").json["tenants"]
    assert [(row["name"], row["host"]) for row in told] == [
        ("amber", "amber.example"),
        ("birch", "birch.example"),
    ]
    assert "birch.example" in equipoise("tenants", "list").out


def test_a_tenant_that_is_there_is_not_made_again(equipoise, two):
    said = equipoise("tenants", "add", "amber", "--host", "other.example")
    assert said.code == 2
    assert "nothing is overwritten" in said.err


@pytest.mark.parametrize(
    ("name", "host", "complaint"),
    [
        ("../away", "a.example", "small letters"),
        ("", "a.example", "small letters"),
        ("a", "https://a.example/", "host name"),
        ("a", 'a"\nport = 1', "host name"),
    ],
)
def test_a_name_or_a_host_that_is_none_is_told(equipoise, shop, name, host, complaint):
    said = equipoise("tenants", "add", name, "--host", host)
    assert said.code == 2
    assert complaint in said.err
    assert not (shop / "tenants").exists()


def test_no_tenant_is_told_with_what_to_do(equipoise, shop):
    said = equipoise("tenants", "list")
    assert said.code == 2
    assert "tenants add" in said.err
