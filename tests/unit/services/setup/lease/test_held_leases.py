"""The leases of one account that a process ends."""

import asyncio

import pytest
from msgspec.structs import replace

from ibconsole.errors import UserError
from ibconsole.services.audit import AuditFilter, audit_rows
from ibconsole.services.connections.account import Account
from ibconsole.services.intake.forward_paths import ForwardPaths
from ibconsole.services.protection.protection import Protection
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.setup.history.recorded_setup import RecordedSetup
from ibconsole.services.setup.lease.held_leases import HeldLeases
from ibconsole.services.setup.lease.lease_book import LeaseBook
from ibconsole.services.setup.lease.values import LeaseError
from tests.unit.services.setup.lease.conftest import QUICK
from tests.unit.services.setup.lease.leases_made_up import made_up
from tests.unit.services.setup.plans.accounts import Hand


@pytest.fixture
def held(
    paths: Paths, account: Account, platform: RecordedSetup, protection: Protection
) -> HeldLeases:
    book = LeaseBook(paths.archive, ForwardPaths(paths.listener))
    return HeldLeases(book, account, platform, protection, QUICK)


async def test_its_requests_are_in_the_audit_as_two_acts(
    held: HeldLeases, account: Account, hand: Hand, paths: Paths
) -> None:
    lease = made_up(account, hand.code)
    one = await held.create(lease)
    assert list(held) == [one]
    assert await held.end(one)

    rows = list(audit_rows(paths.archive, AuditFilter()))
    assert [row["method"] for row in rows] == ["POST", "POST", "DELETE", "DELETE"]
    assert [row["reason"] for row in rows] == [
        *2 * [f"Borrowed route {lease.id}"],
        *2 * [f"End of borrowed route {lease.id}"],
    ]
    assert not held


async def test_what_failed_is_held_until_nothing_is_left(
    held: HeldLeases, account: Account, hand: Hand
) -> None:
    lease = made_up(account, hand.code)
    hand.simulator.inject_fault("403", operation="POST /push/1/applications/{code}/configurations")
    hand.fail("403", "POST")
    with pytest.raises(UserError, match="403"):
        await held.create(lease)

    one = held.find(lease.id)
    assert one
    assert one.is_over
    await held.end_all()
    assert not held


async def test_a_lease_of_another_connection_is_left_alone(
    held: HeldLeases, account: Account
) -> None:
    elsewhere = replace(account, connection="another", base_url="http://127.0.0.1:9")
    other = made_up(elsewhere, "code")
    with pytest.raises(LeaseError, match="another connection"):
        await held.take(other)
    await held._book.add(other)
    held._book.release(other.id)
    await held.adopt()

    assert not held
    assert [one.connection for one in await held.statuses()] == ["another"]
    held.drop(other.id)


async def test_an_account_that_was_saved_anew_is_the_same(
    held: HeldLeases, account: Account
) -> None:
    """Its address and its credential identify it."""
    lease = replace(made_up(account, "code"), connection="as it was before")
    await held._book.add(lease)
    held._book.release(lease.id)
    await held.adopt()

    assert [one.lease.id for one in held] == [lease.id]


async def test_a_lease_that_is_being_created_is_not_taken_for_a_dead_ones(
    held: HeldLeases, account: Account, hand: Hand
) -> None:
    """The process looks for leases without an owner, and for ended ones, at any instant."""
    creation = asyncio.gather(held.create(made_up(account, hand.code)))
    while not creation.done():
        await held.adopt()
        await held.statuses()
    [one] = await creation

    assert not one.is_over
    assert [each.is_own for each in await held.statuses()] == [True]
    assert await held.end(one)
