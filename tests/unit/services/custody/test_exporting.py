"""Custody records as they are made from the archive."""

import gzip
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.ledger.records import Outcome
from ibconsole.services.custody.exporting import (
    CustodyContent,
    NoCustody,
    find_message,
    make_record,
)
from ibconsole.services.custody.verifying import LinkState, verify_record
from tests.unit.archive.deliveries import batch, forward, pull
from tests.unit.services.custody.samples import give_back, message, pulled_archive


def test_the_body_is_left_out_where_it_has_messages_of_others(path: Path) -> None:
    """A body with messages of several applications is exported on demand only."""
    first, _ = pulled_archive(path, message(1), message(2, "other"))

    alone, whole = (
        make_record(path, first, CustodyContent(whole_body=wanted)) for wanted in (None, True)
    )

    assert alone.record.delivery.body is None
    assert "--whole-body adds the body" in alone.remarks[0]
    assert (whole.record.delivery.body is not None, whole.remarks) == (True, ())


def test_a_compressed_body_is_proven_as_received(path: Path) -> None:
    """The hash is that of the compressed body, the place that in the decompressed one."""
    with Archive(path) as archive:
        [first] = pull(archive, gzip.compress(batch(message(1)))).message_ids

    record = make_record(path, first).record

    states = [one.state for one in verify_record(record).links]
    assert record.delivery.encoding == "gzip"
    assert states == [LinkState.UNPROVEN, *[LinkState.HOLDS] * 3]


def test_a_forward_has_no_row_of_the_audit(path: Path) -> None:
    """The audit lists pulls; a forward is proven by its body."""
    with Archive(path) as archive:
        forward(archive, message(1))
    give_back(path, [1], [Outcome.ACKNOWLEDGED])

    record = make_record(path, 1).record

    assert record.pull is None
    assert verify_record(record).broken == ()


def test_a_deleted_message_keeps_its_hashes(path: Path) -> None:
    """The ledger outlives the message, and says where it came from."""
    first, _ = pulled_archive(path)
    give_back(path, [first], [Outcome.ACKNOWLEDGED])
    whole = make_record(path, first).record
    with Archive(path) as archive:
        archive.delete_batch_below(2)

    made = make_record(path, first)

    assert (made.record.message.sha256, made.record.message.body) == (whole.message.sha256, None)
    assert "was deleted" in made.remarks[0]
    assert verify_record(made.record).broken == ()


def test_messages_are_found_by_both_ids(path: Path) -> None:
    """A message is named by its ID in the archive, or by its messageId."""
    pulled_archive(path, message(1), message(2), message(3, "a"), message(3, "b"))

    assert (find_message(path, "2"), find_message(path, "m2")) == (2, 2)
    for name, problem in (("m3", "several applications"), ("77", "There is no message")):
        with pytest.raises(NoCustody, match=problem):
            find_message(path, name)
    with pytest.raises(NoCustody, match="does not say where"):
        make_record(path, 77)
