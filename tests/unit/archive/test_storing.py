"""Decoded messages are stored once, with their duplicates marked."""

import gc

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import DeliveryState, Filter
from ibconsole.archive.storing import (
    find_originals,
    garbage_collection_paused,
    headers_text,
    next_id,
    read_state,
    replace_surrogates,
)
from tests.unit.archive.deliveries import batch, pull


@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_collection_pauses(*, enabled: bool) -> None:
    """Garbage collection is paused in the block, and as before after it, also if it fails."""
    was_enabled = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with pytest.raises(ValueError, match="in the block"):
            _fail_in_the_block()
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()


def _fail_in_the_block() -> None:
    with garbage_collection_paused():
        assert not gc.isenabled()
        raise ValueError("in the block")


def test_duplicates(archive: Archive, reader: Reader) -> None:
    """A message is a duplicate of the first one with its message id in its application."""
    first, other = {"messageId": "1", "applicationCode": "a"}, {"messageId": "1"}
    pull(archive, batch(first, other, first, {"text": "none"}, {"text": "none"}))
    pull(archive, batch(other, first))

    assert [message.duplicate_of for message in reader.messages(Filter())] == [
        *(None, None, 1, None, None),
        *(2, 1),
    ]
    keys = [("1", "a"), ("2", ""), ("2", ""), ("", "")]
    assert find_originals(archive._db, keys, 50) == [1, None, 51, None]


def test_ids_above_deleted_rows(archive: Archive) -> None:
    """The next id is above all that were used, also by rows that were deleted."""
    pull(archive, batch({"text": "one"}, {"text": "two"}))
    archive.delete_batch("c")

    assert (next_id(archive._db, "message"), next_id(archive._db, "delivery")) == (3, 2)


def test_state(archive: Archive) -> None:
    """The state of a delivery can be read; an unknown id is a LookupError."""
    pull(archive, batch())

    assert read_state(archive._db, 1) is DeliveryState.DECODED
    with pytest.raises(LookupError, match="no delivery 99"):
        read_state(archive._db, 99)


def test_lone_surrogates() -> None:
    """Lone surrogates, which cannot be encoded, become question marks; other text stays."""
    assert replace_surrogates("a\ud800b \U0001f642") == "a?b \U0001f642"
    assert headers_text([("X-A", "\udfff"), ("X-A", "2")]) == '[["X-A","?"],["X-A","2"]]'
