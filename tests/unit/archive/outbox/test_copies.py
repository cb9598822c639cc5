"""Copies have everything that is stored of a row."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.audit.chain import AuditEntry, append_audit
from ibconsole.archive.history.points import SeenRoute, store_applications, store_routes
from ibconsole.archive.outbox.copies import ShipmentLimits, part_of
from ibconsole.archive.outbox.outbox import Outbox
from ibconsole.archive.outbox.records import ShippedKind
from ibconsole.clock import TimeSpan
from ibconsole.model import AnswerOutcome, GivenAnswer, PlannedAnswer, SentAnswer
from tests.unit.archive.deliveries import arrival, batch, pull

TARGET = "postgresql://h/team acme"


@pytest.fixture
def outbox(path: Path, archive: Archive) -> Iterator[Outbox]:
    with Outbox(path) as outbox:
        outbox.set_targets({"c": TARGET})
        yield outbox


def test_deliveries_are_copied_whole(archive: Archive, outbox: Outbox) -> None:
    """Bytes, facts and messages of a pull and of an answered forward are those of the archive."""
    pulled = pull(archive, batch({"messageId": "1", "text": "eins"}), connection="c").delivery
    planned = PlannedAnswer("scenario", "rule", 503, body=b"no")
    body = batch({"messageId": "2"}, {"text": "zwei"})
    one = msgspec.structs.replace(arrival(body), connection="c", answer=planned)
    [forwarded] = archive.add_forwards([one])
    archive.decode([forwarded])
    archive.set_sent_answers([(forwarded, SentAnswer(AnswerOutcome.SENT, 2, 0.5, 9))])

    shipment = outbox.read(TARGET)
    identity = outbox.archive()
    first, second = shipment.deliveries
    assert first.origin == f"{identity}:{pulled}"
    assert (first.via, first.state, first.limit_asked, first.complete) == (
        *("pull", "decoded", 50),
        True,
    )
    assert (first.raw, first.body) == (None, batch({"messageId": "1", "text": "eins"}))
    assert first.body_size == len(first.body or b"")
    assert (second.raw, second.body, second.body_start) == (
        one.raw,
        None,
        len(one.raw) - len(one.body),
    )
    assert second.arrived_at == 1_000
    given = msgspec.json.decode(second.answer or "", type=GivenAnswer)
    assert given == GivenAnswer(
        msgspec.structs.replace(planned, size=2), SentAnswer(AnswerOutcome.SENT, 2, 0.5, 9)
    )
    assert [(one.delivery, one.position, one.message_id) for one in shipment.messages] == [
        (pulled, 0, "1"),
        (forwarded, 0, "2"),
        (forwarded, 1, ""),
    ]
    assert shipment.answers == []  # it is in its delivery


def test_an_answer_that_is_sent_later_is_copied_alone(archive: Archive, outbox: Outbox) -> None:
    """The delivery was shipped already; what was sent in the end follows."""
    planned = PlannedAnswer("scenario", "rule", 503)
    one = msgspec.structs.replace(arrival(batch({})), connection="c", answer=planned)
    [forwarded] = archive.add_forwards([one])
    archive.decode([forwarded])
    outbox.remove(outbox.read(TARGET).rows)
    archive.set_sent_answers([(forwarded, SentAnswer(AnswerOutcome.SENT, 0, 0.5, 9))])

    shipment = outbox.read(TARGET)
    [copy] = shipment.answers
    assert (copy.origin, copy.arrived_at) == (f"{outbox.archive()}:{forwarded}", 1_000)
    assert '"sent":{' in copy.answer
    assert (shipment.deliveries, shipment.messages) == ([], [])


def test_everything_else_is_copied(path: Path, archive: Archive, outbox: Outbox) -> None:
    """Audit, states of setups, and lists are copied; a part is what its rows name."""
    append_audit(path, AuditEntry("c", "app", "{}"))
    store_applications(path, "c", {"app": b"one"}, TimeSpan(1, 2))
    store_routes(path, "c", [SeenRoute("app", b"two", TimeSpan(3, 4))])

    shipment = outbox.read(TARGET)
    [row] = shipment.audit
    assert (row.application, row.content, len(row.hash)) == ("app", "{}", 64)
    assert [(one.part, one.seen_from, one.content) for one in shipment.points] == [
        ("application", 2, b"one"),
        ("route", 4, b"two"),
    ]
    assert [one.read_at for one in shipment.lists] == [1]
    audit = [row for row in shipment.rows if row.kind == ShippedKind.AUDIT]
    part = part_of(shipment, audit)
    assert (part.audit, part.points, part.lists) == (shipment.audit, [], ())


def test_large_bodies_are_shipped_a_few_at_a_time(archive: Archive, outbox: Outbox) -> None:
    """A shipment ends after a size of its bodies, and the next one continues there."""
    deliveries = [
        pull(archive, batch({"text": "x" * 1_000}), connection="c").delivery for _ in range(3)
    ]

    first = outbox.read(TARGET, ShipmentLimits(size=1_500))
    assert [one.key for one in first.deliveries] == deliveries[:2]
    assert [row.key for row in first.rows] == deliveries[:2]
    outbox.remove(first.rows)
    assert [
        one.key for one in outbox.read(TARGET, ShipmentLimits(size=1_500)).deliveries
    ] == deliveries[2:]


def test_what_was_deleted_is_no_copy(archive: Archive, outbox: Outbox) -> None:
    """A row whose delivery is gone has none, and can be removed."""
    delivery = pull(archive, batch({}), connection="c").delivery
    archive._db.execute("PRAGMA foreign_keys = OFF; DELETE FROM delivery WHERE id = ?", (delivery,))

    shipment = outbox.read(TARGET)
    assert (len(shipment.rows), shipment.deliveries) == (1, [])
