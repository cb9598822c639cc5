"""The first entry of an item follows its message back to the pull."""

import hashlib
from pathlib import Path

import msgspec
import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.audit.chain import AuditEntry, append_audit
from ibconsole.archive.ledger.anchors import pull_row
from ibconsole.archive.ledger.jobs import JobWriter, NewItem
from ibconsole.archive.ledger.reader import LedgerReader
from ibconsole.archive.ledger.records import Anchor
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter
from ibconsole.clock import now_ms
from tests.unit.archive.deliveries import batch, pull
from tests.unit.archive.ledger.conftest import URL, OpenLedger, new_job


def _anchor(reader: LedgerReader, item: int) -> Anchor:
    return msgspec.json.decode(reader.entries(item)[0].content, type=Anchor)


def test_a_pulled_message_is_anchored_in_the_audit(
    archive: Archive, path: Path, jobs: JobWriter, open_ledger: OpenLedger,
    ledger_reader: LedgerReader,
) -> None:  # fmt: skip
    """The anchor names the pull, the key's label, the hashes, and the row of the audit."""
    body = batch({"messageId": "new", "text": "x"})
    delivery = archive.begin_pull(connection="k", base_url="https://x.example", limit=5)
    append_audit(path, AuditEntry("k", "", "no JSON"))
    row = append_audit(path, AuditEntry("k", "", '{"kind": "pull", "credential": "key 1a2b…"}'))
    archive.append_answer(delivery, body)
    archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
    with Reader(path) as reader:
        [message] = reader.messages(Filter(connection="k"))
        archive_id = reader.identity()
    new = NewItem(message.id, message.delivery, message.message_id, "")
    open_ledger(jobs.create(new_job(), [new])).exchange([], 1)

    anchor = _anchor(ledger_reader, 1)
    assert (anchor.archive, anchor.url, anchor.connection) == (archive_id, URL, "k")
    assert (anchor.key, anchor.audit_row, len(anchor.audit_hash)) == ("key 1a2b…", row, 64)
    assert anchor.body_sha256 == hashlib.sha256(body).hexdigest()
    assert anchor.start is not None
    assert anchor.size is not None
    own = body[anchor.start : anchor.start + anchor.size]
    assert anchor.message_sha256 == hashlib.sha256(own).hexdigest()


@pytest.mark.parametrize("place", [0, 2])
def test_without_an_audit_the_anchor_names_no_key(
    jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger, ledger_reader: LedgerReader,
    place: int,
) -> None:  # fmt: skip
    """A forward was pulled with no key, and a pull of 0.1.0 has no audit."""
    open_ledger(jobs.create(new_job(), [items[place]])).exchange([], 1)
    anchor = _anchor(ledger_reader, 1)
    assert (anchor.key, anchor.audit_row, anchor.audit_hash) == ("", None, "")


def test_edited_bytes_go_with_their_item(
    jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger, ledger_reader: LedgerReader
) -> None:
    edited = NewItem(items[0].message, items[0].delivery, "a", "app", b"edited \xff")
    [request] = open_ledger(jobs.create(new_job(), [edited])).exchange([], 1)
    assert request.data == ledger_reader.edited(1) == b"edited \xff"


@pytest.mark.parametrize(("covers", "expected"), [("this pull, and those after it", 2), ("", None)])
def test_a_pull_of_a_loop_is_anchored_in_the_row_that_covers_it(
    archive: Archive, path: Path, reader: Reader, covers: str, expected: int | None
) -> None:
    """Pulls that bring nothing share a row of the audit with the one that brings something."""
    content = f'{{"kind": "pull", "credential": "k", "covers": "{covers}"}}'
    append_audit(path, AuditEntry("loop", "", content), lambda: now_ms() - 3_000_000)
    append_audit(path, AuditEntry("loop", "", content), lambda: now_ms() - 60_000)
    append_audit(path, AuditEntry("loop", "", '{"kind": "change"}'))
    delivery = reader.delivery(pull(archive, batch({"messageId": "a"}), connection="loop").delivery)
    assert delivery

    row, hashed, key = reader.ask(pull_row, delivery)

    assert (row, key, len(hashed)) == ((expected, "k", 64) if expected else (None, "", 0))
