"""The whole ledger is checked: chains, states and recorded answers."""

from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import ArchiveError
from ibconsole.archive.ledger.checking import check_ledger
from ibconsole.archive.ledger.jobs import JobWriter, NewItem
from ibconsole.archive.ledger.reader import LedgerReader
from ibconsole.archive.ledger.records import Decision, Outcome
from ibconsole.archive.reader import Reader
from tests.unit.archive.deliveries import check_progress, tamper
from tests.unit.archive.ledger.conftest import OpenLedger, ended, new_job


@pytest.fixture
def used(jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger) -> None:
    """A ledger with items in many states."""
    ledger = open_ledger(jobs.create(new_job(), items))
    [first, second, _] = ledger.exchange([], 3)
    ledger.exchange([ended(first, Outcome.ACKNOWLEDGED), ended(second, Outcome.UNKNOWN)], 0)
    jobs.decide(Decision.ACCEPT, [2], by="ada")


@pytest.mark.usefixtures("used")
def test_a_ledger_that_was_not_touched_is_right(ledger_reader: LedgerReader, path: Path) -> None:
    """Items of every state agree with their entries."""
    assert list(check_ledger(ledger_reader._db)) == []
    with Reader(path) as reader:
        found = reader.verify(check_progress)
    assert (found.damaged, found.ledger_items) == (0, 4)


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize(
    ("script", "item", "problem"),
    [
        ("UPDATE ledger_entry SET at = 1 WHERE item = 1 AND number = 2", 1, "Entry 2 was changed"),
        ("UPDATE ledger_entry SET content = '{}' WHERE item = 2", 2, "Entry 1 was changed"),
        ("UPDATE ledger_entry SET kind = 'answer' WHERE number = 2", 1, "Entry 2 was changed"),
        ("DELETE FROM ledger_entry WHERE item = 1 AND number = 3", 1, "Entry 3 is missing"),
        ("DELETE FROM ledger_entry WHERE item = 1 AND number = 1", 1, "Entry 1 is missing"),
        ("UPDATE redelivery_item SET hash = '' WHERE id = 3", 3, "not the last one"),
        ("UPDATE redelivery_item SET state = 'acknowledged' WHERE id = 3", 3, "says sending"),
        ("UPDATE redelivery_item SET state = 'acknowledged' WHERE id = 4", 4, "says waiting"),
        ("UPDATE redelivery_item SET state = 'unknown' WHERE id = 1", 1, "says acknowledged"),
        (
            "UPDATE ledger_entry SET content = CAST(x'ff' AS TEXT) WHERE item = 2",
            2,
            "cannot be read",
        ),
        ("UPDATE redelivery_item SET message_id = 'z' WHERE id = 1", 1, "Another messageId"),
        ("UPDATE redelivery SET url = 'http://z/'", 1, "Another URL"),
        ("UPDATE redelivery SET options = '{'", None, "Redelivery 1 was changed"),
        (
            "UPDATE redelivery_answer SET body = x'00' WHERE id = 1",
            None,
            "Answer 1",
        ),
    ],
)
def test_whatever_was_changed_is_found(
    archive: Archive, ledger_reader: LedgerReader, script: str, item: int | None, problem: str
) -> None:
    """A changed, a removed and an unreadable entry are named, and a state that none supports."""
    for name in ("ledger_changed", "ledger_deleted", "redelivery_answer_changed"):
        tamper(archive, f"DROP TRIGGER {name}")
    tamper(archive, script)

    found = list(check_ledger(ledger_reader._db))

    assert found[0].item == item
    assert problem in found[0].sentence


@pytest.mark.usefixtures("used")
def test_a_damaged_ledger_is_named_when_it_is_read(
    archive: Archive, ledger_reader: LedgerReader
) -> None:
    """Rows that no version writes are one sentence, with what to do."""
    tamper(archive, "DROP TRIGGER ledger_changed")
    tamper(archive, "UPDATE ledger_entry SET content = CAST(x'ff' AS TEXT)")
    tamper(archive, "UPDATE redelivery SET options = '{'")

    with pytest.raises(ArchiveError, match=r"The ledger in .* is damaged"):
        ledger_reader.chain(1)
    with pytest.raises(ArchiveError, match="`ibconsole archive verify` says where"):
        ledger_reader.jobs()


@pytest.mark.usefixtures("used")
def test_the_archive_is_damaged_if_its_ledger_is(archive: Archive, reader: Reader) -> None:
    """`archive verify` names the item."""
    tamper(archive, "UPDATE redelivery_item SET state = 'acknowledged' WHERE id = 4")

    found = reader.verify(check_progress)

    assert [one.sentence for one in found.damages] == [
        "Item 4 of the ledger: Its state is acknowledged, and its last entry says waiting."
    ]
