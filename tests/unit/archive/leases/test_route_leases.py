"""Leases of routes, as another process finds them."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive.leases.route_leases import (
    LeaseArrivals,
    StoredLease,
    add_lease,
    newest_delivery,
    read_arrivals,
    read_lease,
    read_open_leases,
    update_lease,
)
from ibconsole.services.intake.archive_writer import open_archive
from tests.unit.archive.deliveries import arrival, batch

PATH = f"/inbound/lease-{'a' * 32}"
LEASE = StoredLease(
    id="a1",
    connection="c",
    application="code",
    path=PATH,
    state="creating",
    made_at=5,
    ends_at=9,
    content="{}",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


def test_without_an_archive_there_are_no_leases(path: Path) -> None:
    """Reading creates nothing; a process that was killed first of all leaves an empty file."""
    assert read_lease(path, "a1") is None
    assert not read_open_leases(path)
    assert newest_delivery(path) == 0
    assert not path.exists()

    path.touch()
    assert not read_open_leases(path)


def test_an_application_has_one_open_lease(path: Path) -> None:
    """The one that is open is returned; another connection's, and one that is ended, are none."""
    other = replace(LEASE, id="b2", connection="d", path=f"{PATH}b", configuration="k", action="a")
    assert add_lease(path, LEASE) is None
    assert add_lease(path, replace(LEASE, id="c3", path=f"{PATH}c")) == LEASE
    assert add_lease(path, other) is None
    assert read_open_leases(path) == [LEASE, other]

    assert update_lease(path, replace(LEASE, state="ended", ended_at=8), {"creating"})
    assert add_lease(path, replace(LEASE, id="c3", path=f"{PATH}c")) is None
    assert [one.id for one in read_open_leases(path)] == ["b2", "c3"]


def test_a_lease_that_another_process_ended_stays_ended(path: Path) -> None:
    add_lease(path, LEASE)
    ended = replace(LEASE, state="ended", owns_configuration=True, sent_at=6)
    assert update_lease(path, ended, {"creating", "active"})

    assert not update_lease(path, replace(LEASE, state="active"), {"creating"})
    assert not update_lease(path, replace(LEASE, id="unknown"), {"creating"})
    assert read_lease(path, "a1") == ended


def test_messages_of_a_lease_are_counted_once_they_are_decoded(path: Path) -> None:
    """Requests on other paths do not count, nor a request without a message."""
    with open_archive(path) as archive:
        body = batch({"text": "one"})
        targets = (PATH, f"/base{PATH}/?x=1", "/inbound/other")
        ids = [
            archive.add_forwards([replace(arrival(body), target=target)])[0] for target in targets
        ]
        archive.add_forwards([replace(arrival(batch()), target=PATH)])
        nothing = read_arrivals(path, PATH, LeaseArrivals(0))
        archive.decode(ids[:1])
        first = read_arrivals(path, PATH, nothing)
        archive.decode([*ids[1:], ids[2] + 1])
        second = read_arrivals(path, PATH, first)

    assert (nothing.messages, nothing.last_at) == (0, None)
    assert (first.until, first.messages) == (ids[0], 1)
    assert (second.until, second.messages, second.last_at) == (ids[2] + 1, 2, 1_000)
    assert newest_delivery(path) == ids[2] + 1
