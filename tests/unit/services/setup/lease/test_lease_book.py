"""The record of leases, shared by processes."""

import asyncio
from functools import partial

import pytest
from msgspec.structs import replace

from ibconsole.archive import ArchiveError
from ibconsole.clock import now_ms
from ibconsole.services.connections.account import Account
from ibconsole.services.intake.forward_paths import ForwardPaths, ForwardPathsError
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.setup.lease.lease_book import LeaseBook, require_unlent
from ibconsole.services.setup.lease.values import LATE_RETRIES_MS, AlreadyLent, LeaseError
from tests.unit.services.setup.lease.leases_made_up import made_up


@pytest.fixture
def book(paths: Paths) -> LeaseBook:
    return LeaseBook(paths.archive, ForwardPaths(paths.listener))


async def test_a_lease_belongs_to_one_process(
    book: LeaseBook, paths: Paths, account: Account
) -> None:
    """Until it lets it go, or dies."""
    other = LeaseBook(paths.archive, ForwardPaths(paths.listener))
    lease = made_up(account, "code")
    await book.add(lease)
    with pytest.raises(AlreadyLent, match=r"by process \d+"):
        await other.add(made_up(account, "code"))

    assert book.acquire(lease.id)
    assert not other.acquire(lease.id)
    assert other.holder(lease.id) == book.holder(lease.id) != ""
    book.release(lease.id)
    assert other.holder(lease.id) == ""
    assert other.acquire(lease.id)
    assert [path.name for path in paths.locks.glob("lease-*")] == [f"lease-{lease.id}.lock"]
    other.release(lease.id)
    assert not list(paths.locks.glob("lease-*"))


async def test_a_connection_with_a_lease_is_still_needed(
    book: LeaseBook, paths: Paths, account: Account
) -> None:
    """Without its credential nothing could be removed any more."""
    lease = made_up(account, "code")
    await book.add(lease)
    require_unlent(paths.archive, "another")
    with pytest.raises(LeaseError, match="Nothing was removed"):
        require_unlent(paths.archive, account.connection)

    await book.finish(lease)
    require_unlent(paths.archive, account.connection)


async def test_an_ended_lease_is_answered_for_two_days(
    book: LeaseBook, paths: Paths, account: Account
) -> None:
    lease = made_up(account, "code")
    await book.add(lease)
    await book.finish(lease)
    ended = await book.read(lease.id)
    assert ended
    assert ended.state == "ended"
    assert not await book.save(replace(lease, state="active"))
    assert await book.read_open() == []

    for hours, is_answered in ((47, True), (49, False)):
        later = now_ms() + hours * 3_600_000
        listening = ForwardPaths(paths.listener, clock=partial(int, later))
        assert bool(listening.owner_of(lease.path)) is is_answered
    assert LATE_RETRIES_MS == 48 * 3_600_000


async def test_without_its_path_no_lease_begins(
    book: LeaseBook, paths: Paths, account: Account
) -> None:
    """Messages that nothing answers would be repeated for two days."""
    paths.listener.mkdir(parents=True)
    lease = made_up(account, "code")
    with pytest.raises(ForwardPathsError):
        await book.add(lease)

    assert await book.read_open() == []
    assert book.holder(lease.id) == ""


async def test_locks_that_cannot_be_created_are_explained(account: Account, paths: Paths) -> None:
    paths.archive.parent.parent.mkdir(exist_ok=True)
    paths.archive.parent.write_bytes(b"")
    book = LeaseBook(paths.archive, ForwardPaths(paths.listener))
    with pytest.raises(ArchiveError):
        await asyncio.wait_for(book.add(made_up(account, "code")), 5)
