"""What is received on a connection with a target waits until it was shipped."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive.archive import Archive
from ibconsole.archive.connection import fetch
from ibconsole.archive.history.points import SeenRoute, store_applications, store_routes
from ibconsole.archive.importing import ImportedDelivery, ImportedMessage
from ibconsole.archive.outbox.copies import ShipmentLimits
from ibconsole.archive.outbox.outbox import Outbox
from ibconsole.archive.outbox.records import Backlog, ShippedKind
from ibconsole.archive.records import ForwardTestRecord, Via
from ibconsole.clock import TimeSpan
from tests.unit.archive.deliveries import batch, pull, tamper

TARGET = "postgresql://h/team acme"
OTHER = "postgresql://h/other acme"


@pytest.fixture
def outbox(path: Path, archive: Archive) -> Iterator[Outbox]:
    with Outbox(path) as outbox:
        yield outbox


def pull_one(archive: Archive, connection: str = "c", text: str = "x") -> int:
    return pull(archive, batch({"messageId": text}), connection=connection).delivery


def keys(outbox: Outbox, target: str = TARGET) -> list[int]:
    return [row.key for row in outbox.read(target).rows]


def note_all(outbox: Outbox) -> None:
    while outbox.note_stored(TARGET):
        pass


def test_what_becomes_ready_waits_until_it_was_shipped(archive: Archive, outbox: Outbox) -> None:
    """Rows of connections with a target wait, those of others do not; removed ones are gone."""
    outbox.set_targets({"c": TARGET})
    first, _, last = [pull_one(archive, connection) for connection in "cdc"]

    assert keys(outbox) == [first, last]
    assert keys(outbox, OTHER) == []
    outbox.remove(outbox.read(TARGET, ShipmentLimits(rows=1)).rows)
    assert keys(outbox) == [last]
    backlog = outbox.backlog(TARGET)
    assert (backlog.rows, backlog.deliveries) == (1, 1)
    assert backlog.oldest_at is not None


def test_what_was_stored_before_is_shipped_too(archive: Archive, outbox: Outbox) -> None:
    """A connection that gets a team ships its whole past, each row once, after a restart too."""
    delivery = pull_one(archive)
    pull_one(archive, "d")
    test = archive.add_forward_test(ForwardTestRecord(0, 5, "https://h/", 200, b"", b"", "{}"), "c")
    archive.add_forward_test(ForwardTestRecord(0, 5, "https://h/", 200, b"", b"", "{}"))
    outbox.set_targets({"c": TARGET})
    later = pull_one(archive)

    assert outbox.backlog(TARGET).is_counting
    note_all(outbox)
    rows = outbox.read(TARGET).rows
    assert [(row.kind, row.key) for row in rows] == [
        (ShippedKind.DELIVERY, later),
        (ShippedKind.DELIVERY, delivery),
        (ShippedKind.FORWARD_TEST, test),
    ]
    outbox.set_targets({"c": TARGET})
    assert not outbox.note_stored(TARGET)


def test_another_database_at_the_address_gets_everything(archive: Archive, outbox: Outbox) -> None:
    """Everything is noted again for another team; not for the same one at a new address."""
    outbox.set_targets({"c": TARGET})
    note_all(outbox)
    delivery = pull_one(archive)
    assert not outbox.confirm_team(TARGET, "one")
    outbox.remove(outbox.read(TARGET).rows)

    outbox.set_targets({"c": OTHER})
    assert not outbox.confirm_team(OTHER, "one")
    assert keys(outbox, OTHER) == []
    outbox.set_targets({"c": TARGET})
    assert outbox.confirm_team(TARGET, "two")
    note_all(outbox)
    assert keys(outbox) == [delivery]
    outbox.remove(outbox.read(TARGET).rows)
    outbox.refill(TARGET)
    note_all(outbox)
    assert keys(outbox) == [delivery]


def test_a_row_that_changes_while_it_is_shipped_is_shipped_again(
    archive: Archive, outbox: Outbox
) -> None:
    """Removing what was read leaves a later change of the same row."""
    outbox.set_targets({"c": TARGET})
    test = archive.add_forward_test(ForwardTestRecord(0, 5, "https://h/", 200, b"", b"", "{}"), "c")
    rows = outbox.read(TARGET).rows
    archive.set_forward_test_facts(test, '{"changed":1}')
    outbox.remove(rows)

    [copy] = outbox.read(TARGET).tests
    assert copy.facts == '{"changed":1}'


def test_what_was_refused_waits_no_longer_and_is_not_forgotten(
    archive: Archive, outbox: Outbox
) -> None:
    """A row that was set aside is counted with its reason, and can be tried again."""
    outbox.set_targets({"c": TARGET})
    note_all(outbox)
    delivery = pull_one(archive)
    outbox.set_aside(outbox.read(TARGET).rows, "It is too long.")

    assert outbox.backlog(TARGET) == Backlog(set_aside=1)
    [row] = outbox.set_aside_rows(10)
    assert (row.key, row.reason) == (delivery, "It is too long.")
    assert outbox.retry_set_aside(TARGET) == 1
    assert outbox.retry_set_aside(TARGET) == 0
    assert keys(outbox) == [delivery]


def test_a_connection_without_a_team_ships_nothing_more(archive: Archive, outbox: Outbox) -> None:
    """Rows are given up with the target, and their number is returned."""
    outbox.set_targets({"c": TARGET, "d": TARGET})
    for connection in "ccd":
        pull_one(archive, connection)

    assert outbox.remove_targets(["c"]) == 2
    assert outbox.remove_targets(["c"]) == 0
    assert outbox.targets() == {"d": TARGET}
    pull_one(archive)
    assert outbox.backlog(TARGET).rows == 1


def test_other_connections_commits_are_noticed(archive: Archive, outbox: Outbox) -> None:
    """The number changes with a commit of another connection, and stays without one."""
    before = outbox.data_version()

    assert outbox.data_version() == before
    pull_one(archive)
    assert outbox.data_version() != before
    assert len(outbox.archive()) == 32


def test_what_is_decoded_anew_is_shipped_again(archive: Archive, outbox: Outbox) -> None:
    """A changed message takes its delivery along, and others that it makes duplicates of."""
    outbox.set_targets({"c": TARGET})
    first, second = pull_one(archive, text="x"), pull_one(archive, text="x")
    tamper(archive, "UPDATE message SET message_id = 'old' WHERE delivery = ?", first)
    tamper(archive, "UPDATE message SET flags = 0, duplicate_of = NULL WHERE delivery = ?", second)
    outbox.remove(outbox.read(TARGET).rows)

    archive.redecode(0)
    assert keys(outbox) == [first, second]
    assert [one.revision for one in outbox.read(TARGET).deliveries] == [2, 2]
    rows = outbox.read(TARGET).rows
    tamper(archive, "UPDATE message SET text = 'old' WHERE delivery = ?", first)
    outbox.remove(rows)
    assert keys(outbox) == [first]
    outbox.remove(outbox.read(TARGET).rows)
    archive.redecode(0)
    [copy] = outbox.read(TARGET).messages
    assert (copy.delivery, copy.text) == (first, "")
    outbox.remove(outbox.read(TARGET).rows)
    archive.redecode(0)
    assert keys(outbox) == []


def test_what_is_imported_later_is_shipped_too(archive: Archive, outbox: Outbox) -> None:
    """Messages and a body that join an imported delivery are shipped with it again."""
    outbox.set_targets({"c": TARGET})
    elements = [{"messageId": str(number)} for number in range(3)]
    part = ImportedDelivery(
        "a" * 32 + ":7", Via.PULL, 1_000, (ImportedMessage(2, b'{"messageId":"2"}'),), "c"
    )
    parts = [
        part,
        replace(part, messages=(ImportedMessage(0, b'{"messageId":"0"}'),)),
        replace(part, messages=(), body=batch(*elements)),
    ]
    shipped = []
    for one in parts:
        archive.import_deliveries([one])
        shipment = outbox.read(TARGET)
        shipped.append(([one.position for one in shipment.messages], shipment.deliveries[0].body))
        outbox.remove(shipment.rows)
        archive.import_deliveries([one])
        assert keys(outbox) == []

    assert shipped == [([2], None), ([0, 2], None), ([0, 1, 2], batch(*elements))]


def test_changes_are_counted_without_a_team_too(archive: Archive, outbox: Outbox) -> None:
    """A connection that gets its team back ships what has changed meanwhile as newer."""
    delivery = pull_one(archive)
    tamper(archive, "UPDATE message SET text = 'old' WHERE delivery = ?", delivery)
    outbox.set_targets({"c": TARGET})
    note_all(outbox)

    assert [one.revision for one in outbox.read(TARGET).deliveries] == [1]
    outbox.remove_targets(["c"])
    assert archive.delete_batch("c") == (1, 1)
    assert fetch(archive._db, "SELECT * FROM delivery_revision") == []


def test_a_route_that_stays_is_shipped_each_hour(
    archive: Archive, outbox: Outbox, path: Path
) -> None:
    """The team learns when a route was seen last, without a row for each look at it."""
    outbox.set_targets({"c": TARGET})
    hour = 3_600_000
    noted = []
    for at in (hour, hour + 1, 2 * hour - 1, 2 * hour, 2 * hour + 1):
        store_routes(path, "c", [SeenRoute("app", b"{}", TimeSpan(at, at))])
        noted += [one.checked_at for one in outbox.read(TARGET).points]
        outbox.remove(outbox.read(TARGET).rows)

    assert noted == [hour, 2 * hour]


def test_a_list_is_noted_while_one_waits(archive: Archive, outbox: Outbox, path: Path) -> None:
    """The setup is recorded as ever while the team's archive is away."""
    outbox.set_targets({"c": TARGET})
    for at in range(1, 4):
        store_applications(path, "c", {"app": b"{}"}, TimeSpan(at, at))

    assert [one.read_at for one in outbox.read(TARGET).lists] == [3]
    assert [row.kind for row in outbox.read(TARGET).rows] == [
        ShippedKind.SETUP_POINT,
        ShippedKind.SETUP_LIST,
    ]
