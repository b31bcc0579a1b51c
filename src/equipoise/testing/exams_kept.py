"""The part of a store's exam about what it keeps beside the log, people and the ledger."""

from msgspec.structs import replace

from equipoise.nouns.aggregates import Cell
from equipoise.nouns.changes import Changes, Erased
from equipoise.nouns.shares import ShareNotice
from equipoise.ports import Store
from equipoise.testing.example_changes import (
    example_grant,
    example_hypothesis,
    example_read,
    example_release,
    example_share,
)
from equipoise.testing.exams_intake import same


def keeps_shares(store: Store) -> None:
    """Shares and notices are replaced by number; reads are asked for by share and by person."""
    first, second = example_share(16), example_share(32)
    reads = [example_read(49, 16, 3), example_read(50, 32, 3), example_read(51, 16, 0)]
    notice = ShareNotice(seq=64, share=16, demand="delete", at_ms=5, receipts=(49,), n=1)
    other = replace(notice, share=32, receipts=(50,))
    changes = Changes(cursor=1, seq=80, shares=[second, first], share_reads=reads)
    changes.share_notices = [other, notice]
    store.commit(changes)
    same("shares, oldest first", store.shares(), [first, second])
    same("one share, and one that is not there", store.shares([32, 99]), [second])
    same("reads of a share, newest first", store.share_reads([16], 9), [reads[2], reads[0]])
    same("reads of two shares, one", store.share_reads([16, 32], 1), [reads[2]])
    same("reads about a person", store.share_reads_of([3]), [reads[1], reads[0]])
    same("reads about nobody", store.share_reads_of([0]), [])
    same("reads of no share", (store.share_reads([], 9), store.share_reads_of([])), ([], []))
    same("notices of a share", store.share_notices(16), [notice])
    ended, done = replace(first, ended_ms=9), replace(notice, receipts=(), acked_ms=9)
    store.commit(Changes(cursor=1, seq=96, shares=[ended], share_notices=[done]))
    same("an ended share", store.shares(), [ended, second])
    same("an acknowledged notice", store.share_notices(16), [done])
    whom = Erased(person=3, atoms=(3,), logged=(), receipted=(), handles=())
    same("traces of two reads", store.traces(whom)["share_read"], 2)
    store.commit(Changes(cursor=1, seq=112, erased=[whom]))
    same("reads after an erasure", store.share_reads([16, 32], 9), [reads[2]])
    same(
        "shares and notices after it",
        (store.shares(), store.share_notices(32)),
        ([ended, second], [other]),
    )


def keeps_aggregates(store: Store) -> None:
    """Grants are replaced by recipient, releases by number; they are found by year and by question."""
    town, heat = example_grant(16, "Ville"), example_grant(32, "Heat")
    old, new = example_release(48, 2025), example_release(64, 2026)
    store.commit(Changes(cursor=1, seq=80, aggregate_grants=[town, heat], releases=[new, old]))
    same("grants in order of names", store.aggregate_grants(), [heat, town])
    same("releases, oldest first", store.releases(), [old, new])
    same("releases of a year", (store.releases(2026), store.releases(2024)), ([new], []))
    same("a release by its question", store.release_of(old.key), old)
    same("a question never asked", store.release_of("0" * 64), None)
    ended = replace(town, ended_ms=9, ended_by="zoë")
    done = replace(new, cells=(Cell("é", 41, 2.5), Cell("b", None)), released_ms=9, receipt=97)
    store.commit(Changes(cursor=1, seq=96, aggregate_grants=[ended], releases=[done]))
    same("an ended grant", store.aggregate_grants(), [heat, ended])
    same("a release with its answer", store.releases(), [old, done])


def keeps_hypotheses(store: Store) -> None:
    """Hypotheses are replaced by number, found by side, state and answer, and go with either side."""
    one, two = example_hypothesis(16, 3), example_hypothesis(32, 4)
    three = replace(example_hypothesis(48, 5), score=one.score)
    store.commit(Changes(cursor=1, seq=80, hypotheses={48: three, 32: two, 16: one}))
    same("hypotheses by number", store.hypotheses([32, 99]), {32: two})
    same("hypotheses by side", store.hypotheses_of([4]), [one, two])
    same("hypotheses of nobody", (store.hypotheses([]), store.hypotheses_of([])), ({}, []))
    same("hypotheses, the likeliest first", store.hypotheses_in("open", 9), [two, one, three])
    same("the likeliest", store.hypotheses_in("open", 1), [two])
    same("the last answered", store.hypotheses_answered("open", 1), [three])
    for answered_ms, order in ((one.answered_ms, [32, 48, 16]), (0, [32, 16, 48])):
        changed = replace(three, answered_ms=answered_ms)
        store.commit(Changes(cursor=1, seq=80, hypotheses={48: changed}))
        found = [each.seq for each in store.hypotheses_answered("open", 9)]
        same(f"the last answered first, one of them at {answered_ms}", found, order)
    refused = replace(two, state="refused", score=0.5)
    store.commit(Changes(cursor=1, seq=96, hypotheses={48: three}))
    store.commit(Changes(cursor=1, seq=96, hypotheses={32: refused}))
    same("those that are left open", store.hypotheses_in("open", 9), [one, three])
    same("those that were refused", store.hypotheses_in("refused", 9), [refused])
    whom = Erased(person=4, atoms=(4,), logged=(), receipted=(), handles=())
    same("traces of two", store.traces(whom)["hypothesis"], 2)
    store.commit(Changes(cursor=1, seq=112, erased=[whom]))
    same("those that are left after an erasure", store.hypotheses_of([3, 4, 5]), [three])
