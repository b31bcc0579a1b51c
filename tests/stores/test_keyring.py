"""The key file: only its owner reads it, it is whole or not there, and a running house sees it change."""

import hashlib
import os
import stat

import msgspec
import pytest

from equipoise.nouns.access import SCOPES
from equipoise.nouns.events import Source
from equipoise.stores.keyring import (
    MOST_UNKNOWN,
    Grant,
    Keyring,
    KeyringError,
    LiveKeyring,
    SourceKey,
    last_used,
    new_keyring,
    read_keyring,
    write_keyring,
)


@pytest.fixture
def file(tmp_path):
    """A key file with one key of a shop."""
    path = tmp_path / "shop.keys"
    keyring = new_keyring()
    keyring.add_source("shop", "server", "k1")
    write_keyring(path, keyring)
    return path


def test_a_key_file_reads_back_as_it_was_written(file):
    keyring = read_keyring(file)
    write_keyring(file, keyring)
    assert read_keyring(file) == keyring


def test_only_its_owner_can_read_what_is_written(tmp_path):
    old = os.umask(0)
    try:
        write_keyring(tmp_path / "keys" / "shop.keys", new_keyring())
    finally:
        os.umask(old)
    mode = stat.S_IMODE((tmp_path / "keys" / "shop.keys").stat().st_mode)
    assert mode == 0o600
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["shop.keys"]


def test_a_draft_that_was_left_behind_for_all_to_read_is_not_what_is_kept(tmp_path):
    draft = tmp_path / "shop.keys.new"
    draft.write_text("left by a crash")
    draft.chmod(0o644)
    write_keyring(tmp_path / "shop.keys", new_keyring())
    assert len(read_keyring(tmp_path / "shop.keys").ledger) == 32


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_file_that_others_can_read_or_write_is_refused_with_what_to_do(file, mode):
    file.chmod(mode)
    with pytest.raises(KeyringError, match=f"mode {mode:o}.*chmod 600"):
        read_keyring(file)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"ledger": 1}', '{"ledger": "AA=="}'])
def test_a_file_that_is_no_key_file_is_refused(file, text):
    file.write_text(text)
    with pytest.raises(KeyringError, match="is not a key file of this release"):
        read_keyring(file)


def test_a_missing_file_is_told_with_what_to_do(tmp_path):
    with pytest.raises(KeyringError, match="there is no key file"):
        read_keyring(tmp_path / "gone.keys")


def test_secrets_are_fresh_or_all_of_one_seed():
    assert new_keyring() != new_keyring()
    assert new_keyring(b"town") == new_keyring(b"town") != new_keyring(b"other")
    four = new_keyring(b"town")
    assert len({four.ledger, four.seed, four.digests, four.backups}) == 4


def test_keys_are_kept_as_digests_only(file):
    keyring = read_keyring(file)
    given = keyring.add_source("site", "public")
    token = keyring.add_operator("Zoé")
    text = msgspec.json.encode(keyring).decode()
    assert given not in text
    assert token not in text
    assert keyring.source(given) == Source("site", "public")
    assert keyring.operator(token) == "Zoé"


def test_a_key_that_nobody_was_given_opens_nothing(file):
    keyring = read_keyring(file)
    assert keyring.source("k2") is None
    assert keyring.source("") is None
    assert keyring.operator("k1") is None


def test_what_is_taken_back_no_longer_opens():
    keyring = new_keyring()
    keys = [keyring.add_source("shop", "server") for _ in range(2)]
    token = keyring.add_operator("Zoé")
    assert keyring.remove("shop") == 2
    assert keyring.remove("shop") == 0
    assert [keyring.source(key) for key in keys] == [None, None]
    assert keyring.operator(token) == "Zoé"
    assert keyring.remove("Zoé") == 1


class Ahead(LiveKeyring):
    """One that last looked at its file long ago."""

    def keyring(self) -> Keyring:
        self._read_s -= 3600.0
        return super().keyring()


def rewritten(path, keyring):
    """Write as somebody else does while the house runs, at another moment."""
    write_keyring(path, keyring)
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))


def test_a_key_that_is_added_opens_while_the_house_runs(file):
    live = Ahead(file, read_keyring(file))
    assert live.source("k2") is None
    keyring = read_keyring(file)
    keyring.add_source("till", "server", "k2")
    rewritten(file, keyring)
    assert live.source("k2") == Source("till")


def test_a_key_that_is_taken_back_is_closed_while_the_house_runs(file):
    live = Ahead(file, read_keyring(file))
    assert live.source("k1") == Source("shop")
    keyring = read_keyring(file)
    keyring.remove("shop")
    rewritten(file, keyring)
    assert live.source("k1") is None


def test_the_file_is_looked_at_no_more_than_once_a_second(file):
    live = LiveKeyring(file, read_keyring(file))
    keyring = read_keyring(file)
    keyring.remove("shop")
    rewritten(file, keyring)
    assert live.source("k1") == Source("shop")


@pytest.mark.parametrize("spoil", ["gone", "readable", "half"])
def test_a_file_that_is_spoilt_while_the_house_runs_leaves_the_last_keys_in_force(file, spoil):
    """A slip of an editor must not send every source away, nor end the door."""
    live = Ahead(file, read_keyring(file))
    status = file.stat()
    if spoil == "gone":
        file.unlink()
    elif spoil == "readable":
        file.chmod(0o644)
    else:
        file.write_text("{")
    if spoil != "gone":
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))
    assert live.source("k1") == Source("shop")
    keyring = new_keyring()
    keyring.add_source("new", "server", "k9")
    rewritten(file, keyring)
    assert live.source("k9") == Source("new"), "and it is read again once it is right"


def test_a_key_for_one_run_is_in_no_file(file):
    live = LiveKeyring(file, read_keyring(file), "only-now")
    assert live.source("only-now") == Source("server")
    assert b"only-now" not in file.read_bytes()
    assert LiveKeyring(None, new_keyring(), "").source("") is None


def test_guesses_do_not_fill_the_memory():
    live = LiveKeyring(None, new_keyring())
    live._sources = dict.fromkeys(range(MOST_UNKNOWN))
    assert live.source("guess") is None
    assert len(live._sources) == MOST_UNKNOWN


def test_a_key_file_of_an_earlier_release_opens_with_all_that_its_keys_could(tmp_path):
    path = tmp_path / "shop.keys"
    write_keyring(path, new_keyring())
    told = msgspec.json.decode(path.read_bytes())
    digest = hashlib.sha256(b"eqk_server_old").hexdigest()
    told["sources"] = [{"name": "till", "trust": "server", "sha256": digest}]
    told["operators"] = [{"name": "ana", "sha256": hashlib.sha256(b"eqo_old").hexdigest()}]
    path.write_bytes(msgspec.json.encode(told))
    keyring = read_keyring(path)
    assert keyring.source("eqk_server_old") == Source("till")
    assert all(keyring.key("eqk_server_old").may(scope) for scope in SCOPES)
    name = keyring.operator("eqo_old")
    assert keyring.role(name, hashlib.sha256(b"eqo_old").hexdigest()) == "admin"


def test_a_key_whose_time_is_over_opens_nothing():
    keyring = new_keyring()
    ended = keyring.add_source("till", "server", grant=Grant(until_ms=1))
    assert keyring.source(ended) is None
    assert LiveKeyring(None, keyring).source(ended) is None
    keyring.add_source("till", "server")
    keyring.add_source("till", "server")
    with pytest.raises(KeyringError, match="two are enough"):
        keyring.add_source("till", "server")


def test_a_key_with_the_id_of_another_opens_nothing():
    keyring = new_keyring()
    given = keyring.add_source("till", "server", grant=Grant("test"))
    env, key_id, secret = given.split("_", 3)[1:]
    assert (env, keyring.key(given).id) == ("test", key_id)
    assert keyring.key(f"eqk_{env}_{key_id}_{secret[::-1]}") is None
    assert keyring.key(f"eqk_{env}_aaaaaaaa_{secret}") is None


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_may_what_its_scopes_say_and_a_public_one_never_teaches_or_shares(scope):
    narrow = SourceKey("till", "server", "", scopes=(scope,))
    assert [one for one in SCOPES if narrow.may(one)] == [scope]
    public = SourceKey("site", "public", "")
    assert public.may(scope) == (scope not in ("learn", "share", "aggregate"))


def test_it_is_written_down_beside_the_key_file_when_a_key_was_used(file):
    live = LiveKeyring(file, read_keyring(file))
    assert last_used(file) == {}
    live.source("k1")
    live.source("guess")
    live.tell_used()
    (shown,) = last_used(file)
    assert shown == read_keyring(file).key("k1").shown
    assert stat.S_IMODE(file.with_name("shop.keys.used").stat().st_mode) == 0o600


def test_an_operator_who_was_taken_out_has_no_role_even_when_the_name_comes_back():
    keyring = new_keyring()
    digest = hashlib.sha256(keyring.add_operator("ana", "staff").encode()).hexdigest()
    assert keyring.role("ana", digest) == "staff"
    keyring.remove("ana")
    keyring.add_operator("ana")
    assert keyring.role("ana", digest) is None
