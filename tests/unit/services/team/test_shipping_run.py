"""Batches are shipped in order, and a process that is killed in the middle loses nothing."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import pytest

from ibconsole.archive.outbox.copies import ShipmentLimits
from ibconsole.archive.outbox.outbox import Outbox
from ibconsole.services.team.backlogs import target_of
from ibconsole.services.team.batch_writers import BatchWriters
from ibconsole.services.team.shipping_run import ShippingLimits, ShippingRun
from ibconsole.team_archive.errors import TeamUnavailable
from ibconsole.team_archive.session import open_session
from ibconsole.team_archive.sources import register_source
from ibconsole.team_archive.writing.writer import TeamWriter
from tests.unit.archive.deliveries import tamper
from tests.unit.services.team.conftest import Desk

# Ships one row a transaction, for ever, and never lives to remove one from the outbox.
_CHILD = """
    import sys
    from pathlib import Path
    from ibconsole.archive.outbox import Outbox, ShipmentLimits
    from ibconsole.services.team.batch_writers import BatchWriters
    from ibconsole.services.team.shipping_run import ShippingLimits, ShippingRun
    from ibconsole.team_archive import TeamAddress, open_session, register_source
    from ibconsole.team_archive.writing import TeamWriter

    archive, database, target = sys.argv[1:]
    outbox = Outbox(Path(archive))
    with open_session(TeamAddress(database, "acme"), None, "test") as session:
        source = register_source(session, outbox.archive(), "desk", is_collector=False)
        limits = ShippingLimits(remove=600, batch=ShipmentLimits(rows=1))
        writers = BatchWriters(TeamWriter(session, source))
        run = ShippingRun(outbox, target, writers, limits)
        while True:
            print(run.ship_next(), flush=True)
"""


@pytest.fixture
def outbox(desk: Desk) -> Iterator[Outbox]:
    with Outbox(desk.paths.archive) as outbox:
        outbox.set_targets({"c": target_of(desk.team.address("collector"))})
        yield outbox


def new_run(desk: Desk, outbox: Outbox, limits: ShippingLimits) -> Iterator[ShippingRun]:
    address = desk.team.address("collector")
    with open_session(address, None, "test") as session:
        source = register_source(session, outbox.archive(), "desk", is_collector=False)
        with (
            BatchWriters(TeamWriter(session, source)) as writers,
            ShippingRun(outbox, target_of(address), writers, limits) as run,
        ):
            yield run


def test_what_arrived_is_removed_after_a_while(desk: Desk, outbox: Outbox) -> None:
    """It is shipped once meanwhile, and later rows follow it."""
    desk.receive("a", "b", "c")
    target = target_of(desk.team.address("collector"))
    limits = ShippingLimits(remove=600, batch=ShipmentLimits(rows=2))
    for run in new_run(desk, outbox, limits):
        assert [run.ship_next() for _ in range(3)] == [2, 1, 0]
        assert (run.arrived, outbox.backlog(target).rows) == (3, 3)
        run.remove_arrived()
        assert run.arrived == 3
        run.remove_arrived(at_once=True)
        assert (run.arrived, outbox.backlog(target).rows) == (0, 0)
    assert desk.shipped() == ["a", "b", "c"]


def test_what_arrived_does_not_wait_after_a_failure(desk: Desk, outbox: Outbox) -> None:
    """A run that ends, for whatever reason, leaves in the outbox only what did not arrive."""
    desk.receive("a", "b")
    limits = ShippingLimits(remove=600, batch=ShipmentLimits(rows=1))
    for run in new_run(desk, outbox, limits):
        assert run.ship_next() == 1
        desk.team.server.stop()
        with pytest.raises(TeamUnavailable):
            run.ship_next()

    assert outbox.backlog(target_of(desk.team.address("collector"))).rows == 1


@pytest.mark.usefixtures("unmeasured_children")
def test_a_process_that_is_killed_while_it_ships_corrections(desk: Desk, outbox: Outbox) -> None:
    """Each message is there once, as it was decoded last, however many arrived before the kill."""
    texts = [f"{number:03}" for number in range(20)]
    desk.receive(*texts)
    tamper(desk.archive, "UPDATE message SET text = 'old'")
    for run in new_run(desk, outbox, ShippingLimits()):
        while run.ship_next():
            pass
    assert desk.shipped() == ["old"] * 20
    desk.archive.redecode(0)
    ship_until_killed(desk, 7)
    found = desk.shipped()
    assert (len(found), found.count("old") <= 13) == (20, True)

    for run in new_run(desk, outbox, ShippingLimits()):
        while run.ship_next():
            pass
    assert desk.shipped() == texts


def ship_until_killed(desk: Desk, count: int) -> None:
    """Have a process ship row by row, and kill it after at least this number of rows."""
    address = desk.team.address("collector")
    command = [sys.executable, "-c", textwrap.dedent(_CHILD), str(desk.paths.archive)]
    with subprocess.Popen(
        [*command, address.database, target_of(address)], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        for _ in range(count):
            assert child.stdout.readline() == b"1\n"
        os.kill(child.pid, signal.SIGKILL)


@pytest.mark.usefixtures("unmeasured_children")
def test_a_killed_process_loses_nothing_and_ships_nothing_twice(desk: Desk, outbox: Outbox) -> None:
    """What it has shipped is still noted, and ignored when the next process ships it."""
    texts = [f"{number:03}" for number in range(40)]
    desk.receive(*texts)
    ship_until_killed(desk, 7)
    assert len(desk.shipped()) >= 7

    for run in new_run(desk, outbox, ShippingLimits()):
        while run.ship_next():
            pass
    assert desk.shipped() == texts
