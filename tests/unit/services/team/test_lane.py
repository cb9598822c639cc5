"""A lane is held up by nothing for long, and only one process of a computer has it."""

import os
import signal

import msgspec
import pytest

from ibconsole.archive.outbox.copies import ShipmentLimits
from ibconsole.services.runtime.team_status import TeamState
from ibconsole.services.team.pulling import TeamPullPermit
from tests.unit.services.team.conftest import QUICK, Desk, until, until_shipped
from tests.unit.services.team.openers import opener_of


async def test_one_process_ships_and_another_takes_over(desk: Desk) -> None:
    """While one process ships, the others say so; the next one goes on when it ends."""
    first = await desk.shipper()
    await until(first, lambda link: link.state == TeamState.SHIPPING)
    second = await desk.shipper()
    link = await until(second, lambda link: link.state == TeamState.ELSEWHERE)
    assert "another window or process ships" in link.sentence
    desk.receive("a")
    await until_shipped(desk, ["a"])

    await first.share({})
    desk.receive("b")
    await until(second, lambda link: link.state == TeamState.SHIPPING and not link.waiting)
    assert desk.shipped() == ["a", "b"]
    assert first.status.links == ()


async def test_the_end_of_a_lane_leaves_a_true_backlog(desk: Desk) -> None:
    """The team sees what waits at the end, not what waited at some moment before."""
    shipper = await desk.shipper(limits=msgspec.structs.replace(QUICK, heartbeat=3600.0))
    desk.receive("a")
    await until_shipped(desk, ["a"])
    await until(shipper, lambda link: not link.waiting)
    desk.team.db().execute("UPDATE ibconsole.source SET waiting = 9, oldest_waiting_at = 1")

    await shipper.share({})

    found = desk.team.db().execute("SELECT waiting, oldest_waiting_at FROM ibconsole.source")
    assert found.fetchall() == [(0, None)]


async def test_a_silent_server_is_broken_off(desk: Desk) -> None:
    """A process of the server that is stopped keeps neither the status nor the end waiting."""
    shipper = await desk.shipper(limits=msgspec.structs.replace(QUICK, silence=0.3))
    desk.receive("a")
    await until_shipped(desk, ["a"])
    query = "SELECT pid FROM pg_stat_activity WHERE usename = 'collector'"
    [(backend,)] = desk.team.db().execute(query).fetchall()
    os.kill(backend, signal.SIGSTOP)
    try:
        desk.receive("b")
        link = await until(shipper, lambda link: link.state == TeamState.AWAY)
        assert link.waiting == 1
    finally:
        os.kill(backend, signal.SIGCONT)
    await until_shipped(desk, ["a", "b"])


async def test_a_server_that_gives_no_answer_is_away(desk: Desk) -> None:
    """What waits is counted on, though the lane waits for an answer; then it goes on as before."""
    shipper = await desk.shipper(limits=msgspec.structs.replace(QUICK, quiet=0.2))
    desk.receive("a")
    await until_shipped(desk, ["a"])
    await until(shipper, lambda link: not link.waiting)
    query = "SELECT pid FROM pg_stat_activity WHERE usename = 'collector'"
    [(backend,)] = desk.team.db().execute(query).fetchall()
    os.kill(backend, signal.SIGSTOP)
    try:
        desk.receive("b")
        link = await until(shipper, lambda link: link.state == TeamState.AWAY)
        assert "gives no answer now" in link.problem
        await until(shipper, lambda link: link.waiting == 1)
        desk.receive("c")
        await until(shipper, lambda link: link.waiting == 2)
    finally:
        os.kill(backend, signal.SIGCONT)
    await until(shipper, lambda link: link.state == TeamState.SHIPPING and not link.waiting)
    assert desk.shipped() == ["a", "b", "c"]


@pytest.mark.parametrize("is_collector", [False, True])
async def test_a_collector_ships_a_backlog_over_two_sessions(
    desk: Desk, *, is_collector: bool
) -> None:
    """A desktop uses one; either way each message is there once, and one session is left."""
    texts = [f"{number:03}" for number in range(60)]
    desk.receive(*texts)
    limits = msgspec.structs.replace(QUICK, batch=ShipmentLimits(rows=4))
    shipper = await desk.shipper(limits=limits, is_collector=is_collector)
    await until_shipped(desk, texts)
    await until(shipper, lambda link: not link.waiting)

    db = desk.team.db()
    sizes = "SELECT count(*) FROM ibconsole.delivery GROUP BY xid ORDER BY 1 DESC"
    found = [count for (count,) in db.execute(sizes).fetchall()]
    assert found[:4] == [4] * 4
    assert (2 in found) is is_collector
    sessions = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'collector'"
    await until(shipper, lambda _: db.execute(sessions).fetchall() == [(1,)])


async def test_an_archive_that_cannot_be_used_is_named(desk: Desk) -> None:
    """The lane says what is wrong with this disk, and goes on when that is over."""
    path = desk.paths.archive
    desk.archive.close()
    path.rename(path.with_name("elsewhere"))
    path.mkdir()
    shipper = await desk.shipper()

    link = await until(shipper, lambda link: link.problem)
    assert str(path) in link.problem


async def test_who_pulls_is_said(desk: Desk) -> None:
    """The status names another computer that has the right to pull, as long as it has it."""
    shipper = await desk.shipper()
    permit = TeamPullPermit(
        opener_of(desk.team, "east", is_collector=True), "process", is_collector=True
    )
    async with permit.held():
        await until(shipper, lambda link: link.puller == "the collector east")
    await until(shipper, lambda link: not link.puller)
    await permit.close()
