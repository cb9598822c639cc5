"""Borrowed routes: created next to what exists, and removed without a trace."""

import asyncio
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from ibconsole.api import NotPermitted
from ibconsole.model import ActionDraft
from ibconsole.services.connections.account import Account
from ibconsole.services.intake.forward_paths import ForwardPaths
from ibconsole.services.protection.protection import Protection
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import LeaseState, LeaseStatus
from ibconsole.services.setup.lease.leases import Leases
from ibconsole.services.setup.lease.values import AlreadyLent, LeaseError, LeaseRequest
from tests.unit.services.setup.lease.conftest import QUICK
from tests.unit.services.setup.plans.accounts import FORWARD, PULL, Hand

ADDRESS = "http://127.0.0.1:8484"
Open = Callable[[], Leases]


def wish(hand: Hand, **changes: object) -> LeaseRequest:
    return replace(LeaseRequest(hand.code, ADDRESS, name="Shop"), **changes)


def borrowed(hand: Hand, lease: LeaseStatus) -> ActionDraft:
    [found] = [one for one in hand.values if one.forward_url == lease.url]
    return found


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_route_is_borrowed_next_to_the_customers(leases: Leases, hand: Hand) -> None:
    """Nothing but the lease's own action comes and goes."""
    hand.configure(FORWARD, PULL)
    before = hand.route
    lease = await leases.borrow(wish(hand))

    assert borrowed(hand, lease).callback_data == f"borrowed by ibconsole ({lease.id})"
    assert len(hand.values) == 3
    assert [one.state for one in await leases.active()] == [LeaseState.ACTIVE]

    await leases.end(lease.id)
    assert hand.route == before
    assert await leases.active() == ()


async def test_a_configuration_that_was_created_is_removed_again(
    leases: Leases, hand: Hand
) -> None:
    lease = await leases.borrow(wish(hand))
    assert hand.drafts == [("HTTP_FORWARD", lease.url)]

    await leases.end(lease.id)
    assert hand.drafts is None


async def test_a_configuration_that_others_use_meanwhile_stays(leases: Leases, hand: Hand) -> None:
    lease = await leases.borrow(wish(hand))
    hand.configure(PULL)
    await leases.end(lease.id)

    assert hand.values == [PULL]


async def test_a_lease_ends_by_its_time(
    leases: Leases, hand: Hand, shown: list[tuple[LeaseStatus, ...]]
) -> None:
    lease = await leases.borrow(wish(hand, minutes=0.002))
    assert shown[-1] == (lease,)
    await until(lambda: hand.drafts is None)
    await until(lambda: shown[-1] == ())


async def test_a_lease_is_extended(leases: Leases, processes: Open, hand: Hand) -> None:
    """Its process alone lends for longer, within the limit, and not what is over."""
    lease = await leases.borrow(wish(hand))

    await leases.extend(lease.id)

    [longer] = await leases.active()
    assert 0 <= longer.ends_at - lease.ends_at - 15 * 60_000 < 1_000
    with pytest.raises(LeaseError, match="up to 240 minutes from now"):
        await leases.extend(lease.id, 239)
    with pytest.raises(LeaseError, match="another process"):
        await processes().extend(lease.id)
    [now] = await leases.active()
    assert abs(now.ends_at - longer.ends_at) < 1_000


async def test_extending_needs_the_permission_to_change(
    leases: Leases, protection: Protection, account: Account, hand: Hand
) -> None:
    """A customer's route stays changed for longer, so a lock holds it back."""
    lease = await leases.borrow(wish(hand))
    protection.lock(account)

    with pytest.raises(NotPermitted):
        await leases.extend(lease.id)


async def test_closing_the_connection_ends_its_leases(leases: Leases, hand: Hand) -> None:
    await leases.borrow(wish(hand))
    await leases.close()
    assert hand.drafts is None

    with pytest.raises(LeaseError, match="no connection"):
        await leases.borrow(wish(hand))


async def test_late_retries_are_answered_after_the_end(
    leases: Leases, hand: Hand, paths: Paths, account: Account
) -> None:
    """A path is known to every process that listens, from before the first request on."""
    listening = ForwardPaths(paths.listener)
    checked = await leases.reserve_path()
    assert listening.owner_of(checked)
    lease = await leases.borrow(wish(hand, path=checked))
    await leases.end(lease.id)

    owner = listening.owner_of(lease.path)
    assert lease.path == checked
    assert owner
    assert owner.connection == account.connection
    with pytest.raises(LeaseError, match="used already"):
        await leases.borrow(wish(hand, path=checked))


async def test_an_application_is_lent_once(processes: Open, hand: Hand) -> None:
    """Another process sees who has it, leaves it alone, and may end it if it is asked to."""
    first, second = processes(), processes()
    lease = await first.borrow(wish(hand))
    with pytest.raises(AlreadyLent, match=lease.id):
        await second.borrow(wish(hand))

    [seen] = await second.active()
    assert await second.settle() == ()
    assert (seen.is_own, seen.holder[:8]) == (False, "process ")
    assert hand.values

    await second.end(lease.id)
    assert hand.drafts is None
    assert await first.active() == ()


async def test_what_a_dead_process_left_is_ended_by_the_next(processes: Open, hand: Hand) -> None:
    first, second = processes(), processes()
    lease = await first.borrow(wish(hand))
    assert first._held is not None
    first._held.release()  # as the system does when the process dies

    assert [one.holder for one in await second.active()] == [""]
    assert await second.settle() == ()
    assert hand.drafts is None
    with pytest.raises(LeaseError, match=f"no borrowed route {lease.id}"):
        await second.end(lease.id)


async def test_read_only_forbids_it(leases: Leases, hand: Hand, protection: Protection) -> None:
    """Before anything is stored; and of a lease that exists, the removal, which says so."""
    lease = await leases.borrow(wish(hand))
    protection._read_only = True
    with pytest.raises(LeaseError, match="--read-only"):
        await leases.end(lease.id)
    with pytest.raises(NotPermitted, match="--read-only"):
        await leases.borrow(wish(hand))
    assert hand.values

    protection._read_only = False
    await leases.end(lease.id)
    assert hand.drafts is None


async def test_a_lock_that_came_meanwhile_keeps_nothing(
    leases: Leases, hand: Hand, protection: Protection, account: Account
) -> None:
    """The permission to borrow a route included its end."""
    hand.configure(FORWARD)
    lease = await leases.borrow(wish(hand))
    protection.lock(account)
    with pytest.raises(NotPermitted):
        await leases.borrow(wish(hand))

    await leases.end(lease.id)
    assert hand.values == [FORWARD]


@pytest.mark.parametrize(
    ("fault", "method", "times"),
    [
        ("reset", "POST", 2),
        ("500", "POST", 1),
        ("reset", "DELETE", 7),
        ("cut", "GET", 4),
    ],
)
async def test_faults_leave_nothing_behind(
    leases: Leases, hand: Hand, fault: str, method: str, times: int
) -> None:
    """However many requests fail, what was created is removed."""
    hand.fail(fault, method, times)
    try:
        lease = await leases.borrow(wish(hand))
        await leases.end(lease.id)
    except LeaseError:
        hand.simulator.state.faults.clear()
        assert await leases.settle() == ()
    assert hand.drafts is None


async def test_a_connection_closes_in_time_without_a_platform(
    leases: Leases, hand: Hand, processes: Open
) -> None:
    """What is left is recorded with the reason, and the next start ends it."""
    lease = await leases.borrow(wish(hand))
    hand.simulator.inject_fault("hang", match="/configurations", times=99)
    leases._timing = replace(QUICK, closing=0.1)
    async with asyncio.timeout(5):
        await leases.close()

    hand.simulator.state.faults.clear()
    following = processes()
    [left] = await following.active()
    assert (left.id, left.state, left.holder) == (lease.id, LeaseState.ENDING, "")
    assert left.problem == "The connection was closed before it could be removed."
    assert await following.settle() == ()
    assert hand.drafts is None


async def test_a_connection_that_closes_ends_a_creation(leases: Leases, hand: Hand) -> None:
    """It is not waited for, and what it created is removed."""
    hand.simulator.inject_fault("slow", seconds=30, match="/actions")
    hand.configure(FORWARD)
    creation = asyncio.gather(leases.borrow(wish(hand)), return_exceptions=True)
    await until(lambda: not hand.simulator.state.faults.pending)
    await leases.close()
    [failed] = await creation

    assert isinstance(failed, LeaseError)
    assert "closed meanwhile" in str(failed)
    assert hand.values == [FORWARD]


async def test_an_archive_that_cannot_be_written_delays_the_end(
    leases: Leases, hand: Hand, paths: Paths
) -> None:
    """Nothing is sent that cannot be recorded; it is tried again."""
    lease = await leases.borrow(wish(hand))
    aside = paths.archive.with_name("aside")
    paths.archive.rename(aside)
    paths.archive.mkdir()
    with pytest.raises(LeaseError, match="could not be removed yet"):
        await leases.end(lease.id)
    assert hand.values

    paths.archive.rmdir()
    aside.rename(paths.archive)
    await until(lambda: hand.drafts is None)


async def test_a_lease_that_another_process_ended_is_held_no_more(
    processes: Open, hand: Hand
) -> None:
    first, second = processes(), processes()
    lease = await first.borrow(wish(hand))
    await second.end(lease.id)
    assert await first.active() == ()
    assert first._held is not None
    assert list(first._held) == []


async def test_only_what_nothing_holds_is_forgotten(processes: Open, hand: Hand) -> None:
    first, second = processes(), processes()
    lease = await first.borrow(wish(hand))
    with pytest.raises(LeaseError, match="held by process"):
        await second.forget(lease.id)
    await first.forget(lease.id)

    assert hand.values
    assert await second.active() == ()
