"""A house shows what its own witnesses signed, and nothing that a stranger hands in."""

import pytest

from account.kept import SIGNER, Kept
from equipoise.account.cosignature import WitnessSigner, cosigned_by
from equipoise.account.note import open_checkpoint, read_note
from equipoise.account.refusal import LedgerRefused
from equipoise.account.view import TreeView
from equipoise.account.witnessed import SHOWN_S, Witnessed

AT_S = 1_790_000_000
FIRST = WitnessSigner("witness.example/w1", bytes(range(1, 33)))
SECOND = WitnessSigner("witness.example/w2", bytes(range(2, 34)))


class Paper:
    """Keeps the last text."""

    def __init__(self, text=""):
        self.text = text

    def read(self):
        return self.text

    def write(self, text):
        self.text = text


class Hand:
    """A clock that shows what it was set to."""

    def __init__(self):
        self.at_s = AT_S

    def now_ms(self):
        return self.at_s * 1000


def collecting(paper=None, *witnesses, clock=None):
    """A collection that names these witnesses, both by default."""
    keys = [one.key for one in witnesses or (FIRST, SECOND)]
    return Witnessed(SIGNER.key, keys, paper or Paper(), clock or Hand())


def signed(kept, *witnesses, at_s=AT_S):
    """The newest head with these cosignatures."""
    note = kept.checkpoints[-1]
    return note + "".join(one.cosign(read_note(note).text, at_s) for one in witnesses)


def view(kept):
    return TreeView(kept, kept.frontier)


def test_lines_of_several_witnesses_gather_under_one_head_and_outlive_a_restart():
    kept, paper = Kept(5), Paper()
    house = collecting(paper)
    assert house.take(signed(kept, FIRST), view(kept)) == (FIRST.key.name,)
    assert set(house.take(signed(kept, SECOND), view(kept))) == {FIRST.key.name, SECOND.key.name}
    again = collecting(paper)
    assert again.text == house.text
    assert open_checkpoint(again.text, SIGNER.key).size == again.size == 5
    assert len(cosigned_by(read_note(again.text), [FIRST.key, SECOND.key])) == 2


def test_a_later_line_of_one_witness_takes_the_place_of_its_former():
    kept, house = Kept(5), collecting()
    for at_s in (AT_S, AT_S + 9, AT_S + 3):
        house.take(signed(kept, FIRST, at_s=at_s), view(kept))
    assert [line.at_s for line in house.lines] == [AT_S + 9]


def test_an_older_head_changes_nothing_and_a_newer_one_begins_anew():
    kept, house = Kept(5), collecting()
    old = signed(kept, SECOND)
    kept.take(3)
    house.take(signed(kept, FIRST), view(kept))
    assert house.take(old, view(kept)) == (FIRST.key.name,)
    kept.take(3)
    house.take(signed(kept, SECOND), view(kept))
    assert [line.witness for line in house.lines] == [SECOND.key.name]


def test_strangers_other_histories_and_altered_heads_are_refused():
    kept, house = Kept(5), collecting(None, FIRST)
    other = Kept(6)
    for text in (
        signed(kept, SECOND),
        signed(kept),
        signed(other, FIRST),
        signed(kept, FIRST).replace("\n5\n", "\n4\n"),
        "nothing",
    ):
        with pytest.raises(LedgerRefused):
            house.take(text, view(kept))
    assert house.text == ""


def test_the_witnessed_head_is_shown_for_a_minute_and_the_newest_after_it():
    kept, clock = Kept(5), Hand()
    house = collecting(clock=clock)
    newest = kept.checkpoints[-1]
    assert house.shown(newest) == newest
    assert house.shown("") == ""
    house.take(signed(kept, FIRST), view(kept))
    clock.at_s += 10 * SHOWN_S
    assert house.shown(newest) == house.text, "it is the newest"
    kept.take(2)
    newest = kept.checkpoints[-1]
    clock.at_s = AT_S + SHOWN_S
    assert house.shown(newest) == house.text
    clock.at_s += 1
    assert house.shown(newest) == newest


@pytest.mark.parametrize("text", ["", "rubbish", signed(Kept(5), SECOND), signed(Kept(5))])
def test_what_is_damaged_or_of_a_former_witness_is_forgotten(text):
    assert collecting(Paper(text), FIRST).text == ""
