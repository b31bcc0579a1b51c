"""Shares in the step: which share and whom a row is about, and what the partner or officer is told."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from equipoise.account.shares import duties_of
from equipoise.engine import Engine
from equipoise.nouns.changes import LogRow
from equipoise.nouns.events import Handle, Trust
from equipoise.nouns.people import Atom
from equipoise.nouns.shares import (
    AckNotice,
    Demand,
    EndShare,
    OpenShare,
    ReadShare,
    RenewToken,
    Share,
    ShareNotice,
    ShareRead,
    ShareRecord,
    StopSharing,
)
from equipoise.nouns.sheet import Here, Sheet
from equipoise.nouns.state import AtomState, PersonState
from equipoise.ports import Store
from equipoise.rights.shares import NotSo, ended, opened, renewed
from equipoise.sharing import Read, read_group, read_person, stop

UNIFORM = "not_shared"
"""All that a partner is told where the reason has to do with the person, or where there is none."""

OWN = frozenset(
    (
        "share_over",
        "share_token_over",
        "share_other_purpose",
        "share_not_granted",
        "share_not_counted",
    )
)
"""Reasons that are the same whoever is asked about, so that a partner may be told."""

_json = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode


def _any_field(name: str) -> bool:  # noqa: ARG001 - the shape
    return True


class ShareHabits(msgspec.Struct, frozen=True, kw_only=True):
    """What compose hands the step for shares: which profile fields there are."""

    is_field: Callable[[str], bool] = _any_field


class OneStep(Protocol):
    """What is read and changed of a step by a share; `runners.step.Step` is one."""

    sheet: Sheet
    known: dict[Handle, Atom]
    people: dict[int, int]
    shares: dict[int, Share]
    share_reads: list[ShareRead]
    share_notices: dict[str, ShareNotice]

    def state_of(self, atom: int) -> tuple[PersonState, AtomState] | None:
        """The person and atom of an atom that was read for this step, or None."""
        ...


class Sharing:
    """Walks rows of the kind `share`, in log order."""

    def __init__(self, engine: Engine, store: Store, habits: ShareHabits) -> None:
        self._engine = engine
        self._store = store
        self._habits = habits

    def walk(
        self,
        step: OneStep,
        said: ShareRecord,
        who: tuple[tuple[Handle, ...], Trust],
        here: Here,
    ) -> bytes:
        """Take one record into the log; the reply, as JSON. `who` are cleaned handles and the trust."""
        handles, trust = who
        try:
            if trust == "public":
                raise NotSo("a public key opens and reads no share")
            match said:
                case OpenShare():
                    return self._open(step, said, here)
                case StopSharing():
                    return self._stop(step, said, handles, here)
                case ReadShare():
                    return self._read(step, said, handles, here)
                case RenewToken():
                    after = renewed(self._share(step, said.share), said, here.now_ms)
                    return self._keep(step, after, said, here)
                case EndShare():
                    after = ended(self._share(step, said.share), said, here.now_ms)
                    return self._keep(step, after, said, here)
                case AckNotice():
                    return self._ack(step, said, here)
        except NotSo as error:
            return _json({"ok": False, "reason": str(error)})

    def _share(self, step: OneStep, number: int) -> Share:
        share = step.shares.get(number)
        if share is None:
            share = next(iter(self._store.shares([number])), None)
        if share is None:
            raise NotSo(f"s_{number}: there is no such share")
        return share

    # --- officers -----------------------------------------------------------------------------

    def _open(self, step: OneStep, wish: OpenShare, here: Here) -> bytes:
        share = opened(wish, here.seq, here.now_ms, self._habits.is_field)
        here.sheet.count("shares")
        return self._keep(step, share, wish, here)

    def _keep(self, step: OneStep, share: Share, said: ShareRecord, here: Here) -> bytes:
        step.shares[share.seq] = share
        _log_at_nobody(said, here)
        return _json({"ok": True, "share": share.id, "until_ms": share.until_ms})

    # --- partners -----------------------------------------------------------------------------

    def _read(
        self, step: OneStep, said: ReadShare, handles: tuple[Handle, ...], here: Here
    ) -> bytes:
        share = self._share(step, said.share)
        if said.handles:
            found = self._whom(step, handles)
            read = read_person(found, share, said, self._engine.rules, here)
        else:
            found, read = None, read_group(share, said, here)
        step.shares[share.seq] = read.share
        step.share_reads.append(read.row)
        # Whom it was about stands in the log by its place in their chain, so handles are not kept twice.
        bare = replace(said, handles=(), counted={})
        if found is None:
            _log_at_nobody(bare, here)
        else:
            here.log(found[1], "share", bare)
        return _json(told(read))

    def _whom(
        self, step: OneStep, handles: Sequence[Handle]
    ) -> tuple[PersonState, AtomState] | None:
        """The one person of all these handles; none where one is unknown, or they are of several."""
        atoms = {step.known[handle].id for handle in handles if handle in step.known}
        people = {step.people[atom] for atom in atoms if atom in step.people}
        if len(people) != 1 or any(handle not in step.known for handle in handles):
            return None
        return step.state_of(min(atoms))

    def _ack(self, step: OneStep, said: AckNotice, here: Here) -> bytes:
        share = self._share(step, said.share)
        notices = {one.id: one for one in self._store.share_notices(share.seq)}
        notice = (notices | step.share_notices).get(said.notice)
        if notice is None or notice.share != share.seq:
            raise NotSo(f"{said.notice}: there is no such notice of this share")
        if not notice.acked_ms:
            notice = replace(notice, receipts=(), acked_ms=here.now_ms)
            step.share_notices[notice.id] = notice
            here.sheet.count("share_acked")
            _log_at_nobody(said, here)
        return _json({"ok": True, "notice": notice.id, "acked_ms": notice.acked_ms})

    # --- people -------------------------------------------------------------------------------

    def _stop(
        self, step: OneStep, said: StopSharing, handles: tuple[Handle, ...], here: Here
    ) -> bytes:
        found = self._whom(step, handles) if handles else step.state_of(said.person)
        if found is None:
            raise NotSo("nobody here is known by that")
        return _json({"ok": True, "changed": stop(*found, said, here)})


def told(read: Read) -> dict[str, Any]:
    """What the partner is told of a read: the same for a person who is refused, and for nobody."""
    row, share = read.row, read.share
    reply: dict[str, Any] = {
        "ok": True,
        "outcome": row.outcome,
        "reason": "" if row.outcome == "granted" else _outward(row.reason),
        "share": share.id,
        "receipt": row.receipt,
    }
    if row.outcome == "granted":
        reply["duties"] = duties_of(share.duties)
        if read.given.fields or share.mode == "fields":
            reply["fields"] = dict(read.given.fields)
            reply["provenance"] = dict(read.given.provenance)
        else:
            reply["answers"] = dict(read.given.answers)
    return reply


def _outward(reason: str) -> str:
    return reason if reason in OWN else UNIFORM


def _log_at_nobody(said: ShareRecord, here: Here) -> None:
    here.sheet.log.append(LogRow(here.seq, 0, 0, "share", _pack(said)))


def notices(
    reads: Iterable[ShareRead], demand: Demand, seq: int, now_ms: int
) -> Mapping[str, ShareNotice]:
    """What the partners who were given something of a person are to do about it, by the notices' ids."""
    found: dict[int, list[int]] = {}
    for read in reads:
        if read.outcome == "granted":
            found.setdefault(read.share, []).append(read.seq)
    made = (
        ShareNotice(
            seq=seq,
            share=share,
            demand=demand,
            at_ms=now_ms,
            receipts=tuple(sorted(receipts)),
            n=len(receipts),
        )
        for share, receipts in sorted(found.items())
    )
    return {notice.id: notice for notice in made}
