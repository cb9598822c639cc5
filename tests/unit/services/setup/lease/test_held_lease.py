"""The end of a lease: when it is due, and what it does if it cannot be removed."""

import asyncio

import pytest
from msgspec.structs import replace

from ibconsole.clock import now_ms
from ibconsole.secret import Secret
from ibconsole.services.connections.account import Account, Credential
from ibconsole.services.intake.forward_paths import ForwardPaths
from ibconsole.services.protection.protection import Protection
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import LeaseState
from ibconsole.services.setup.history.recorded_setup import RecordedSetup
from ibconsole.services.setup.lease.creation import draft_of_lease
from ibconsole.services.setup.lease.held_lease import HeldLease
from ibconsole.services.setup.lease.lease_book import LeaseBook
from ibconsole.services.setup.lease.removal import LeaseRemover
from ibconsole.services.setup.lease.values import LeaseError
from tests.unit.services.setup.lease.conftest import QUICK
from tests.unit.services.setup.lease.leases_made_up import made_up
from tests.unit.services.setup.plans.accounts import Hand

MINUTE = 60_000


class Elapsed:
    """The clock that cannot be set, moved by the test."""

    now = 1_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def book(paths: Paths) -> LeaseBook:
    return LeaseBook(paths.archive, ForwardPaths(paths.listener))


@pytest.fixture
def remover(platform: RecordedSetup, account: Account, protection: Protection) -> LeaseRemover:
    return LeaseRemover(platform, lambda path: protection.permitting_removal(account, path))


async def test_it_is_over_by_either_clock(
    account: Account,
) -> None:
    """A suspension counts, and a clock that is set back lengthens nothing."""
    clock, lease = Elapsed(), made_up(account, "code")
    began = lease.made_at
    wall = [began]
    held = HeldLease(lease, QUICK, clock=clock, wall=lambda: wall[0])
    assert not held.is_due()
    assert held.status().ends_at == held.lease.ends_at

    wall[0] = began - 60 * MINUTE
    clock.now += 10 * MINUTE
    assert not held.is_due()
    assert abs(held.status().ends_at - (began - 55 * MINUTE)) < 1_000
    clock.now += 5 * MINUTE
    assert held.is_due()

    other = HeldLease(made_up(account, "code"), QUICK, clock=clock, wall=lambda: wall[0])
    wall[0] = began + 16 * MINUTE
    assert other.is_due()


async def test_what_is_over_is_not_extended(account: Account, book: LeaseBook) -> None:
    """A lease ends once, by its time or by another process."""
    clock, lease = Elapsed(), replace(made_up(account, "code"), state=LeaseState.ACTIVE)
    await book.add(lease)
    held = HeldLease(lease, QUICK, clock=clock)
    await held.extend(book, 1)
    assert await book.read(lease.id) == held.lease

    await book.save(replace(held.lease, state=LeaseState.ENDING))
    with pytest.raises(LeaseError, match="Another process"):
        await held.extend(book, 1)
    clock.now += 16 * MINUTE
    with pytest.raises(LeaseError, match="over already"):
        await held.extend(book, 1)


async def test_a_failed_attempt_is_repeated_later_and_later(
    account: Account, hand: Hand, book: LeaseBook, remover: LeaseRemover
) -> None:
    clock = Elapsed()
    lease = made_up(account, hand.code)
    await book.add(lease)
    hand.configure(draft_of_lease(lease))
    hand.fail("500", "DELETE", 9)
    held = HeldLease(lease, QUICK, is_over=True, clock=clock)

    assert not await held.give_back(book, remover, account)
    assert "could not be removed yet" in held.lease.problem
    assert not held.is_due()
    held.hurry()
    assert held.is_due()
    assert not held.is_refused
    hand.simulator.state.faults.clear()
    assert await held.give_back(book, remover, account)
    assert hand.values == []
    assert await held.give_back(book, remover, account)


async def test_a_request_that_may_yet_be_carried_out_is_waited_for(
    account: Account, hand: Hand, book: LeaseBook, remover: LeaseRemover
) -> None:
    """The process died with the request on its way: the platform creates the action later."""
    lease = replace(made_up(account, hand.code), configuration="k", sent_at=now_ms() + 5_000)
    await book.add(lease)
    held = HeldLease(lease, QUICK, is_over=True)

    assert not await held.give_back(book, remover, account)
    assert "read again" in held.lease.problem
    hand.configure(draft_of_lease(lease))
    assert await held.give_back(book, remover, account)
    assert hand.values == []


async def test_the_wait_for_it_ends(
    account: Account, hand: Hand, book: LeaseBook, remover: LeaseRemover
) -> None:
    """It is counted from the first attempt: the request may have waited before it was sent."""
    clock = Elapsed()
    sent_at = now_ms() - 90_000
    lease = replace(made_up(account, hand.code), owns_configuration=True, sent_at=sent_at)
    await book.add(lease)
    held = HeldLease(lease, QUICK, is_over=True, clock=clock)
    assert not await held.give_back(book, remover, account)
    clock.now += round(1000 * QUICK.watch) - 1
    assert not await held.give_back(book, remover, account)
    clock.now += 1
    assert await held.give_back(book, remover, account)


async def test_a_request_that_was_sent_long_ago_is_not_waited_for(
    account: Account, hand: Hand, book: LeaseBook, remover: LeaseRemover
) -> None:
    lease = replace(made_up(account, hand.code), configuration="k", sent_at=now_ms() - 200_000)
    await book.add(lease)
    assert await HeldLease(lease, QUICK, is_over=True).give_back(book, remover, account)


async def test_an_application_that_another_key_does_not_see_proves_nothing(
    account: Account, book: LeaseBook, remover: LeaseRemover
) -> None:
    lease = made_up(account, "unknown")
    await book.add(lease)
    held = HeldLease(lease, QUICK, is_over=True)
    other = replace(account, credential=Credential(Secret("another key of the same address")))

    assert not await held.give_back(book, remover, other)
    assert held.is_refused
    assert "--forget" in held.lease.problem
    assert await held.give_back(book, remover, account)


async def test_a_creation_ends_with_its_connection(account: Account) -> None:
    held = HeldLease(made_up(account, "code"), QUICK)

    async def create() -> None:
        async with held.creating():
            held.stop_creating()
            await asyncio.sleep(5)

    with pytest.raises(LeaseError, match="closed meanwhile"):
        await create()
    assert held.is_due()
