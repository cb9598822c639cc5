"""The requests that create a lease, each stored before it is sent."""

import pytest

from ibconsole.archive.leases import StoredLease
from ibconsole.errors import UserError
from ibconsole.services.connections.account import Account
from ibconsole.services.setup.history.recorded_setup import RecordedSetup
from ibconsole.services.setup.lease.creation import create, draft_of_lease
from tests.unit.services.setup.lease.leases_made_up import made_up
from tests.unit.services.setup.plans.accounts import FORWARD, Hand


class Saved(list[StoredLease]):
    """What was stored, in order."""

    async def save(self, lease: StoredLease) -> StoredLease:
        self.append(lease)
        return lease


async def test_each_request_is_stored_before_it_is_sent(
    platform: RecordedSetup, account: Account, hand: Hand
) -> None:
    """What a kill leaves open at any point is known: a request that was sent, or a key."""
    saved = Saved()
    lease = await create(platform, made_up(account, hand.code), saved.save)

    assert [(one.owns_configuration, bool(one.sent_at), one.state) for one in saved] == [
        (True, True, "creating"),
        (True, False, "creating"),
        (True, True, "creating"),
        (True, False, "active"),
    ]
    assert (lease.configuration, [lease.action]) == (hand.configuration, hand.keys)
    assert hand.values == [draft_of_lease(lease)]


@pytest.mark.parametrize("fault", ["reset", "not-json"])
async def test_what_a_lost_answer_created_is_the_leases(
    platform: RecordedSetup, account: Account, hand: Hand, fault: str
) -> None:
    """The configuration, which was not there before, and the action, which has the path."""
    hand.fail(fault, "POST", 2)
    lease = await create(platform, made_up(account, hand.code), Saved().save)

    assert lease.owns_configuration
    assert (lease.configuration, [lease.action]) == (hand.configuration, hand.keys)


async def test_a_configuration_of_others_is_used(
    platform: RecordedSetup, account: Account, hand: Hand
) -> None:
    key = hand.configure(FORWARD)
    lease = await create(platform, made_up(account, hand.code), Saved().save)

    assert (lease.configuration, lease.owns_configuration) == (key, False)


async def test_a_refusal_leaves_nothing_open(
    platform: RecordedSetup, account: Account, hand: Hand
) -> None:
    saved = Saved()
    hand.fail("403", "POST", 2)
    with pytest.raises(UserError, match="403"):
        await create(platform, made_up(account, hand.code), saved.save)
    assert (saved[-1].owns_configuration, saved[-1].sent_at) == (False, None)

    hand.configure(FORWARD)
    with pytest.raises(UserError, match="403"):
        await create(platform, made_up(account, hand.code), saved.save)
    assert (saved[-1].state, saved[-1].sent_at) == ("creating", None)


async def test_what_cannot_be_looked_for_stays_open(
    platform: RecordedSetup, account: Account, hand: Hand
) -> None:
    """The request was stored as sent, for a later process."""
    saved = Saved()
    hand.fail("500", "/configurations", 9)
    hand.simulator.state.faults.clear()
    hand.simulator.inject_fault("500", times=1, match="POST ")
    hand.simulator.inject_fault("500", times=9, match="GET ", every=1)
    with pytest.raises(UserError):
        await create(platform, made_up(account, hand.code), saved.save)
    assert all(one.sent_at for one in saved)
