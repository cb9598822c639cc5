"""The chain of an item's entries shows whatever is not as it was written."""

import msgspec
import pytest
from msgspec.structs import replace

from ibconsole.archive.ledger.chain import chain_problem, entry_hash, next_entry
from ibconsole.archive.ledger.records import (
    Decision,
    DecisionNote,
    EntryKind,
    ItemState,
    LedgerEntry,
)


def _chain(count: int) -> list[LedgerEntry]:
    entries: list[LedgerEntry] = []
    for number in range(count):
        note = DecisionNote(decision=Decision.SKIP, state=ItemState.SKIPPED, by=f"user {number}")
        last = (entries[-1].number, entries[-1].hash) if entries else (0, "")
        entries.append(next_entry(7, last, number, EntryKind.DECISION, note))
    return entries


def test_a_whole_chain_has_no_problem() -> None:
    chain = _chain(3)
    assert chain_problem(chain, (3, chain[-1].hash)) == ""
    assert chain_problem([], (0, "")) == ""
    assert msgspec.json.decode(chain[0].content) == {
        "decision": "skip",
        "state": "skipped",
        "by": "user 0",
    }


@pytest.mark.parametrize(
    "change",
    [{"at": 9}, {"kind": EntryKind.ANSWER}, {"content": "{}"}, {"hash": "0" * 64}, {"number": 5}],
)
def test_every_change_of_an_entry_is_found(change: dict[str, object]) -> None:
    """No column can be changed."""
    chain = _chain(3)
    last = (3, chain[-1].hash)
    chain[1] = replace(chain[1], **change)
    assert "Entry 2" in chain_problem(chain, last)


def test_missing_entries_are_found() -> None:
    """Also the last ones, because the item has the number and the hash of the last."""
    chain = _chain(3)
    last = (3, chain[-1].hash)
    assert chain_problem([chain[0], chain[2]], last) == "Entry 2 is missing."
    assert chain_problem(chain[:2], last) == (
        "Entry 3 is missing: the last one that was written was 3."
    )
    assert "not the last one" in chain_problem(chain, (2, chain[1].hash))
    assert chain_problem(chain, (3, "other")) != ""


def test_no_byte_moves_between_columns() -> None:
    assert entry_hash("", 1, 23, "a", "b") != entry_hash("", 12, 3, "a", "b")
    assert entry_hash("", 1, 2, "a", "b\nc") != entry_hash("", 1, 2, 'a"', "b\nc")
