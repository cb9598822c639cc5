"""The ledger is written before a request is sent and after its answer."""

from pathlib import Path

import apsw
import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import ArchiveError
from ibconsole.archive.ledger.chain import chain_problem
from ibconsole.archive.ledger.exchange import ANSWER_KEPT, EndedRequest
from ibconsole.archive.ledger.jobs import JobWriter, NewItem
from ibconsole.archive.ledger.reader import LedgerReader
from ibconsole.archive.ledger.records import (
    Decision,
    EntryKind,
    ItemCounts,
    ItemState,
    Outcome,
    RedeliveryForm,
    RedeliveryKind,
)
from ibconsole.clock import now_ms
from tests.unit.archive.deliveries import tamper
from tests.unit.archive.ledger.conftest import OpenLedger, ended, new_job

GIVE_BACK = RedeliveryKind.GIVE_BACK


def test_an_attempt_is_stored_before_it_is_sent(
    jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger, ledger_reader: LedgerReader
) -> None:
    """The first entry says where the message comes from."""
    ledger = open_ledger(jobs.create(new_job(), items))
    requests = ledger.exchange([], 2)

    assert [one.items for one in requests] == [(1,), (2,)]
    item, entries = ledger_reader.chain(2) or pytest.fail("no item")
    assert (item.state, item.attempts) == (ItemState.SENDING, 1)
    assert [one.kind for one in entries] == [EntryKind.ANCHOR, EntryKind.ATTEMPT]
    assert '"message_id":"b","application_code":"app","via":"pull"' in entries[0].content
    assert '"request":"item 2, attempt 1"' in entries[1].content
    assert chain_problem(entries, (item.entries, item.hash)) == ""
    assert jobs.counts(1) == ItemCounts(waiting=2, sending=2)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome.ACKNOWLEDGED, ((), ItemState.ACKNOWLEDGED)),
        (Outcome.UNKNOWN, ((60,), ItemState.UNKNOWN)),
        (Outcome.REFUSED, ((), ItemState.UNDELIVERED)),
        (Outcome.NOT_SENT, ((60,), ItemState.WAITING)),
    ],
)
def test_an_outcome_decides_the_state(
    jobs: JobWriter,
    items: list[NewItem],
    open_ledger: OpenLedger,
    ledger_reader: LedgerReader,
    outcome: Outcome,
    expected: tuple[tuple[float, ...], ItemState],
) -> None:
    """The law repeats what failed for certain; what may have arrived is never repeated by it."""
    delays, state = expected
    ledger = open_ledger(jobs.create(new_job(), items[:1]), delays)
    [request] = ledger.exchange([], 1)
    assert ledger.exchange([ended(request, outcome)], 1) == []

    item, entries = ledger_reader.chain(1) or pytest.fail("no item")
    assert (item.state, ledger.next_due() is not None) == (state, state is ItemState.WAITING)
    assert ledger_reader.next_due(1) == ledger.next_due()
    assert entries[-1].kind is EntryKind.ANSWER
    assert chain_problem(entries, (item.entries, item.hash)) == ""
    answers = ledger_reader.answers(1)
    assert [one.body for one in answers] == ([b"ok"] if outcome is not Outcome.NOT_SENT else [])


def test_the_law_ends_after_its_last_delay(
    jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger, ledger_reader: LedgerReader
) -> None:
    ledger = open_ledger(jobs.create(new_job(), items[:1]), (0, 0))
    ends: list[EndedRequest] = []
    for _ in range(3):
        [request] = ledger.exchange(ends, 1)
        ends = [ended(request, Outcome.REFUSED)]
    assert ledger.exchange(ends, 1) == []
    item = ledger_reader.item(1)
    assert item
    assert (item.state, item.attempts, item.entries) == (ItemState.UNDELIVERED, 3, 7)


@pytest.mark.parametrize("chosen", [slice(0, 2), slice(2, 4)])
def test_the_law_holds_for_what_came_with_a_message(
    jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger, chosen: slice
) -> None:
    """A message that waits for its next attempt is not sent because one of its pull is due."""
    form = RedeliveryForm.AS_RECEIVED
    ledger = open_ledger(jobs.create(new_job(form=form), items[chosen]), (3600,))
    begun = ledger.exchange([], 1)
    rest = ledger.exchange([ended(one, Outcome.REFUSED) for one in begun], 5)

    sent = [item for one in (*begun, *rest) for item in one.items]
    assert sent == [1, 2]
    assert ledger.exchange([ended(one, Outcome.REFUSED) for one in rest], 5) == []


def test_a_forward_is_sent_as_a_whole(
    jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger
) -> None:
    """As it was received, if all of its messages are to be sent; else by the message."""
    whole = open_ledger(jobs.create(new_job(form=RedeliveryForm.AS_RECEIVED), items[1:]))
    first, second = whole.exchange([], 2)
    assert (first.items, second.items) == ((1,), (2, 3))
    assert second.data.startswith(b"POST /inbound HTTP/1.1\r\n\r\n{")

    part = open_ledger(jobs.create(new_job(form=RedeliveryForm.AS_RECEIVED), items[3:]))
    assert part.exchange([], 5)[0].data == b'{"messageId":"d","text":"d"}'


def test_a_forward_is_not_divided_by_the_limit(
    jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger
) -> None:
    ledger = open_ledger(jobs.create(new_job(form=RedeliveryForm.AS_RECEIVED), items[2:]))
    assert [one.items for one in ledger.exchange([], 1)] == [(1, 2)]


@pytest.mark.parametrize(
    ("outcome", "resent"),
    [
        (Outcome.ACKNOWLEDGED, False),
        (Outcome.UNKNOWN, False),
        (None, False),
        (Outcome.REFUSED, True),
    ],
)
def test_what_was_given_back_is_not_given_back_again(
    jobs: JobWriter,
    items: list[NewItem],
    open_ledger: OpenLedger,
    ledger_reader: LedgerReader,
    outcome: Outcome | None,
    resent: bool,
) -> None:
    """Not by another job either, and not while its answer is not known, unless a user decides."""
    first = open_ledger(jobs.create(new_job(), items[:1]))
    [request] = first.exchange([], 1)
    if outcome:
        first.exchange([ended(request, outcome)], 0)
    second = open_ledger(jobs.create(new_job(GIVE_BACK), items[:1]))

    assert bool(second.exchange([], 1)) is resent
    item, entries = ledger_reader.chain(2) or pytest.fail("no item")
    if not resent:
        assert item.state is ItemState.SKIPPED
        assert "Redelivery 1 has sent it to this URL already" in entries[-1].content
        jobs.decide(Decision.RESEND, [2], by="anna")
        assert second.exchange([], 1)


def test_a_message_that_is_stored_twice_is_given_back_once(
    archive: Archive, jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger
) -> None:
    """Copies are recognized by the id of the message and the application."""
    ledger = open_ledger(jobs.create(new_job(GIVE_BACK), [items[0], items[0], items[1]]))
    [first, *rest] = ledger.exchange([], 3)
    assert (first.items, len(rest)) == ((1,), 2)
    ledger.exchange([ended(first, Outcome.ACKNOWLEDGED)], 0)


def test_deleted_messages_are_skipped(
    archive: Archive,
    jobs: JobWriter,
    items: list[NewItem],
    open_ledger: OpenLedger,
    ledger_reader: LedgerReader,
) -> None:
    """Neither a message without its row nor one without its bytes stops a job."""
    job = jobs.create(new_job(), items)
    tamper(archive, "DELETE FROM message WHERE id = 1")
    tamper(archive, "UPDATE message SET start = NULL WHERE id = 2")
    ledger = open_ledger(job)
    seen = [one.items for _ in range(4) for one in ledger.exchange([], 2)]
    assert seen == [(3,), (4,)]
    assert jobs.counts(job) == ItemCounts(sending=2, skipped=2)


def test_what_a_dead_process_left_is_unknown(
    jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger, ledger_reader: LedgerReader
) -> None:
    job = jobs.create(new_job(), items)
    open_ledger(job).exchange([], 2)

    assert open_ledger(job).recover() == 2
    item, entries = ledger_reader.chain(2) or pytest.fail("no item")
    assert item.state is ItemState.UNKNOWN
    assert "not sent again without a decision" in item.problem
    assert '"request":"item 2, attempt 1"' in entries[-1].content
    assert open_ledger(job).recover() == 0


def test_entries_that_are_no_json_are_named(
    jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger, ledger_reader: LedgerReader
) -> None:
    """A damaged entry ends what needs it with a sentence, before anything is changed."""
    job = jobs.create(new_job(), items)
    ledger = open_ledger(job)
    first, _ = ledger.exchange([], 2)
    ledger.exchange([ended(first, Outcome.UNKNOWN)], 0)
    jobs._db.execute("DROP TRIGGER ledger_changed; UPDATE ledger_entry SET content = '{'")

    with pytest.raises(ArchiveError, match="is damaged"):
        open_ledger(job).recover()
    with pytest.raises(ArchiveError, match="is damaged"):
        ledger_reader.answers(1)
    assert jobs.counts(job) == ItemCounts(waiting=2, sending=1, unknown=1)


def test_answers_are_bounded(
    jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger, ledger_reader: LedgerReader
) -> None:
    """The beginning of an answer is kept, and of the last ones of a job with large ones less."""
    ledger = open_ledger(jobs.create(new_job(), items))
    first, second = ledger.exchange([], 2)
    ledger.exchange([ended(first, Outcome.UNKNOWN, bytes(100_000))], 0)
    ledger._answer_bytes = 32 << 20
    ledger.exchange([ended(second, Outcome.UNKNOWN, bytes(100_000))], 0)

    answers = [ledger_reader.answer(number) for number in (1, 2, 3)]
    assert [one and len(one.body) for one in answers] == [ANSWER_KEPT, 256, None]
    assert [one and one.size for one in answers] == [100_000, 100_000, None]


@pytest.mark.parametrize("table", ["ledger_entry", "redelivery_answer"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET at = 0"])
def test_the_ledger_is_only_appended_to(
    path: Path, jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger, table: str,
    change: str,
) -> None:  # fmt: skip
    ledger = open_ledger(jobs.create(new_job(), items))
    ledger.exchange([ended(one, Outcome.REFUSED) for one in ledger.exchange([], 1)], 0)
    with pytest.raises(apsw.ConstraintError, match=r"not (changed|deleted)"):
        jobs._db.execute(change.format(table))


def test_an_item_that_was_skipped_first_is_anchored_all_the_same(
    jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger, ledger_reader: LedgerReader
) -> None:
    """The origin of a message stands before its first attempt, also after decisions."""
    job = jobs.create(new_job(), items[:1])
    jobs.decide(Decision.SKIP, [1], by="ada")
    jobs.decide(Decision.RESEND, [1], by="ada")
    open_ledger(job).exchange([], 1)

    kinds = [one.kind for one in ledger_reader.entries(1)]
    assert kinds == [
        EntryKind.DECISION,
        EntryKind.DECISION,
        EntryKind.ANCHOR,
        EntryKind.ATTEMPT,
    ]


def test_a_clock_that_is_set_back_delays_no_more_than_the_law(
    jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger
) -> None:
    """An attempt was due by a clock that was ahead: it is made after the longest delay at most."""
    ledger = open_ledger(jobs.create(new_job(), items[:2]), (5, 60))
    [first] = ledger.exchange([], 1)
    ledger.exchange([ended(first, Outcome.REFUSED)], 0)
    jobs._db.execute("UPDATE redelivery_item SET due_at = due_at + 86400000")
    due = ledger.next_due()
    assert due
    assert due <= now_ms() + 60_000


def test_a_decision_covers_what_was_known_then(
    jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger, ledger_reader: LedgerReader
) -> None:
    """What another job delivers after a decision to send again is not sent again by it."""
    first, second = (jobs.create(new_job(GIVE_BACK), items[:1]) for _ in range(2))
    for job in (first, second):
        ledger = open_ledger(job)
        ledger.exchange([ended(one, Outcome.REFUSED) for one in ledger.exchange([], 1)], 0)
        jobs.decide(Decision.RESEND, [job], by="ada")
    decided_at = now_ms()
    while now_ms() == decided_at:
        pass  # times are compared to the millisecond
    ledger = open_ledger(second)
    ledger.exchange([ended(one, Outcome.ACKNOWLEDGED) for one in ledger.exchange([], 1)], 0)

    assert open_ledger(first).exchange([], 1) == []
    assert ledger_reader.counts(first) == ItemCounts(skipped=1)
    jobs.decide(Decision.RESEND, [1], by="ada")  # knowing that
    assert len(open_ledger(first).exchange([], 1)) == 1
