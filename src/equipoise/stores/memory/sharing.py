"""Grants to partners, what was read of them, and what partners have to do, in plain dictionaries."""

from collections.abc import Iterable
from operator import attrgetter

from equipoise.nouns.changes import Changes
from equipoise.nouns.shares import Share, ShareNotice, ShareRead


class SharingInMemory:
    """The part of a store in memory that keeps shares."""

    def __init__(self) -> None:
        self._shares: dict[int, Share] = {}
        self._share_reads: dict[int, ShareRead] = {}
        self._share_notices: dict[tuple[int, int], ShareNotice] = {}

    def shares(self, seqs: Iterable[int] = ()) -> list[Share]:
        """The shares with these numbers, or all where none is named, ended or not, oldest first."""
        wanted = set(seqs) or set(self._shares)
        return [self._shares[seq] for seq in sorted(self._shares) if seq in wanted]

    def share_reads(self, shares: Iterable[int], most: int) -> list[ShareRead]:
        """The newest reads of these shares, newest first."""
        wanted = set(shares)
        found = [read for read in self._share_reads.values() if read.share in wanted]
        return sorted(found, key=attrgetter("seq"), reverse=True)[:most]

    def share_reads_of(self, atoms: Iterable[int]) -> list[ShareRead]:
        """Every read about these atoms, newest first."""
        mine = set(atoms) - {0}
        found = [read for read in self._share_reads.values() if read.atom in mine]
        return sorted(found, key=attrgetter("seq"), reverse=True)

    def share_notices(self, share: int) -> list[ShareNotice]:
        """What the partner of a share has to do or did, oldest first."""
        return [self._share_notices[key] for key in sorted(self._share_notices) if key[1] == share]

    def _keep_shares(self, changes: Changes) -> None:
        self._shares |= {share.seq: share for share in changes.shares}
        self._share_reads |= {read.seq: read for read in changes.share_reads}
        told = {(notice.seq, notice.share): notice for notice in changes.share_notices}
        self._share_notices |= told

    def _forget_reads(self, atoms: set[int]) -> None:
        gone = [seq for seq, read in self._share_reads.items() if read.atom in atoms]
        for seq in gone:
            del self._share_reads[seq]
