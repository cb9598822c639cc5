"""Threads are found part by part, in an archive and in a team's record."""

from pathlib import Path

import pytest

from ibconsole.archive import JobCancelled
from ibconsole.archive.archive import Archive
from ibconsole.archive.ledger.jobs import JobWriter, NewItem
from ibconsole.archive.ledger.reader import LedgerReader
from ibconsole.archive.reader import Reader
from ibconsole.services.protection import ShownCodes
from ibconsole.services.threads.arranging import FollowedThread, RemarkKind
from ibconsole.services.threads.finding import ThreadFinder
from ibconsole.services.threads.subjects import ThreadKind, ThreadSubject, subject_of
from ibconsole.team_archive import TeamReader
from tests.postgres import TeamDatabase
from tests.unit.archive.deliveries import batch, forward, pull
from tests.unit.archive.ledger.conftest import new_job
from tests.unit.services.threads.records import CODE, fill, message
from tests.unit.team_archive.team_rows import ShippedMessage, TeamRows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        fill(archive)
    return path


def names(thread: FollowedThread) -> list[str]:
    return [one.message.message_id for one in thread.entries]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (ThreadKind.INSTALLATION, ["1", "2", "1", "4"]),
        (ThreadKind.SUBSCRIBER, ["1", "2", "3", "1"]),
        (ThreadKind.PAIR, ["1", "2", "1", "4"]),
    ],
)
def test_a_thread_has_all_messages_of_its_subject(
    path: Path, kind: ThreadKind, expected: list[str]
) -> None:
    """From any installation, by both ways; the first part comes before everything is searched."""
    with Reader(path) as reader:
        first = reader.message(1)
        assert first is not None
        parts = list(ThreadFinder(reader, subject_of(first, kind)).parts())

    assert names(parts[-1]) == expected
    assert [one.is_complete for one in parts] == [False] * (len(parts) - 1) + [True]
    assert parts[-1].remarks == {RemarkKind.BOTH_WAYS: 1}
    [pulled] = [one for one in parts[-1].entries if one.remarks]
    assert (pulled.answered, pulled.base_url) == (None, "https://x.example")
    assert parts[-1].entries[0].answered == 200


def test_a_missing_pair_is_looked_up(path: Path) -> None:
    """Only what is nowhere in the record is missing."""
    with Archive(path) as archive, Reader(path) as reader:
        forward(archive, message("5", "phone", pairedMessageId="1", initialMessageId="none"))
        subject = ThreadSubject(kind=ThreadKind.INSTALLATION, value="phone")
        *_, thread = ThreadFinder(reader, subject).parts()

    [entry] = thread.entries
    assert [one.kind for one in entry.remarks] == [RemarkKind.PAIR_MISSING]
    assert "none" in entry.remarks[0].sentence


def test_what_arrives_later_joins_and_the_oldest_leave(path: Path) -> None:
    """A thread is bounded: the newest messages are kept, and it says so."""
    subject = ThreadSubject(kind=ThreadKind.INSTALLATION, value="device")
    with Archive(path) as archive, Reader(path) as reader:
        finder = ThreadFinder(reader, subject, most=2)
        *_, thread = finder.parts()
        assert (names(thread), thread.is_capped, thread.is_complete) == (["1", "4"], True, False)
        assert finder.newer() is None
        forward(archive, message("x", "other"))
        assert finder.newer() is None
        pull(archive, batch(message("6"), message("7")))
        newer = finder.newer()

    assert newer is not None
    assert (names(newer), newer.is_capped) == (["6", "7"], True)


def test_a_long_thread_is_found_in_parts(path: Path) -> None:
    """The newest come first; how far the search is can be shown; a pair may come later."""
    subject = ThreadSubject(kind=ThreadKind.SUBSCRIBER, value="bora")
    batch_of = [message(f"b{n}", subscriberId="bora", pairedMessageId="late") for n in range(600)]
    with Archive(path) as archive, Reader(path) as reader:
        forward(archive, *batch_of, arrived_at=5_000)
        forward(archive, *(message(f"y{n}", "others") for n in range(2_000)), arrived_at=6_000)
        finder = ThreadFinder(reader, subject)
        first, *others = finder.parts()
        forward(archive, message("late", "others"), message("b600", subscriberId="bora"))
        newer = finder.newer()

    assert others
    assert len(first.entries) < 600
    assert first.searched_back_to in {None, 5_000}
    assert (len(others[-1].entries), others[-1].is_complete) == (600, True)
    assert others[-1].remarks == {RemarkKind.PAIR_MISSING: 600}
    assert newer is not None
    assert (len(newer.entries), newer.remarks) == (601, {})


def test_a_search_is_given_up_and_codes_are_masked(path: Path) -> None:
    """A cancelled search ends at once; a policy masks the code in texts and senders."""
    with Archive(path) as archive, Reader(path) as reader:
        forward(archive, message("8", "spy", text=f"my code is {CODE}"))
        subject = ThreadSubject(kind=ThreadKind.INSTALLATION, value="spy")
        with pytest.raises(JobCancelled):
            list(ThreadFinder(reader, subject, cancelled=lambda: True).parts())
        *_, thread = ThreadFinder(reader, subject, codes=ShownCodes("By policy.")).parts()

    assert thread.entries[0].message.text == "my code is 2336…8b53"
    assert thread.entries[0].message.body == b""


def test_what_was_sent_again_is_named(path: Path) -> None:
    """By its identity, so that each arrival of a message has it; the URL by its host alone."""
    with JobWriter(path) as jobs, Reader(path) as reader, LedgerReader(path) as ledger:
        first = reader.message(1)
        assert first is not None
        item = NewItem(first.id, first.delivery, first.message_id, first.application_code)
        job = jobs.create(new_job(), [item])
        finder = ThreadFinder(reader, subject_of(first, ThreadKind.INSTALLATION), ledger=ledger)
        *_, thread = finder.parts()

    sent = {one.id: [again.phrase for again in one.redelivered] for one in thread.entries}
    phrase = f"waiting at customer.example, job {job}"
    assert [sent[one.id] for one in thread.entries] == [[phrase], [], [phrase], []]


def test_a_thread_of_a_team_is_found_in_its_record(team: TeamDatabase) -> None:
    """With who received each message; what is shipped later joins it."""
    anna = TeamRows(team.db())
    anna.ship(1, ShippedMessage(message_id="1", sender="device", text="one"))
    subject = ThreadSubject(kind=ThreadKind.INSTALLATION, value="device")
    with TeamReader(team.address("reader"), connection="uuid") as reader:
        finder = ThreadFinder(reader, subject)
        *_, thread = finder.parts()
        anna.ship(2, ShippedMessage(message_id="2", sender="device", text="two"))
        newer = finder.newer()

    assert [one.message.source for one in thread.entries] == ["anna@desk"]
    assert newer is not None
    assert sorted(names(newer)) == ["1", "2"]
