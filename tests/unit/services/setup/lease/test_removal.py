"""What is removed with a lease, and what never is."""

from contextlib import nullcontext

import pytest
from msgspec.structs import replace

from ibconsole.api import NotFound, deletion_path
from ibconsole.services.connections.account import Account
from ibconsole.services.setup.history.recorded_setup import RecordedSetup
from ibconsole.services.setup.lease.creation import draft_of_lease
from ibconsole.services.setup.lease.removal import LeaseRemover
from ibconsole.services.setup.lease.values import LeaseError
from tests.unit.services.setup.lease.leases_made_up import made_up
from tests.unit.services.setup.plans.accounts import FORWARD, Hand


@pytest.fixture
def permitted() -> list[str]:
    """The paths that were to be deleted."""
    return []


@pytest.fixture
def remover(platform: RecordedSetup, permitted: list[str]) -> LeaseRemover:
    def permit(path: str) -> nullcontext[None]:
        permitted.append(path)
        return nullcontext()

    return LeaseRemover(platform, permit)


async def test_actions_are_found_by_their_path(
    remover: LeaseRemover, account: Account, hand: Hand, permitted: list[str]
) -> None:
    """Also those that another hand copied; the customer's stay as they are, to the byte."""
    key = hand.configure(FORWARD)
    before = hand.route
    lease = made_up(account, hand.code)
    hand.configure(draft_of_lease(lease), draft_of_lease(lease))
    keys = hand.keys[1:]

    assert await remover.remove_actions(lease)
    assert not await remover.remove_actions(lease)
    assert not await remover.remove_configuration(lease)
    assert hand.route == before
    assert permitted == [deletion_path(hand.code, key, one) for one in keys]


async def test_a_configuration_is_removed_by_its_key(
    remover: LeaseRemover, account: Account, hand: Hand
) -> None:
    """One that another hand created in its place is not the lease's."""
    key = hand.configure()
    lease = replace(made_up(account, hand.code), owns_configuration=True)

    assert not await remover.remove_configuration(replace(lease, configuration="other"))
    assert hand.configuration == key
    assert await remover.remove_configuration(replace(lease, configuration=key))
    assert not hand.configuration


async def test_a_configuration_whose_key_is_not_known_is_removed_if_it_is_empty(
    remover: LeaseRemover, account: Account, hand: Hand
) -> None:
    lease = replace(made_up(account, hand.code), owns_configuration=True)
    hand.configure(FORWARD)
    assert await remover.remove_configuration(lease)
    assert hand.values == [FORWARD]

    hand.delete_action(hand.keys[0])
    assert await remover.remove_configuration(lease)
    assert not hand.configuration


async def test_what_another_deletes_first_is_gone(
    remover: LeaseRemover, account: Account, hand: Hand
) -> None:
    lease = made_up(account, hand.code)
    hand.configure(draft_of_lease(lease))
    hand.fail("reset", "DELETE")

    assert await remover.remove_actions(lease)
    assert hand.values == []
    with pytest.raises(NotFound):
        await remover.remove_actions(replace(lease, application="unknown"))


async def test_a_configuration_with_another_borrowed_route_goes_after_it(
    remover: LeaseRemover, account: Account, hand: Hand
) -> None:
    """Another computer uses it for a while, and does not know that it is to be removed."""
    lease = replace(made_up(account, hand.code), owns_configuration=True)
    hand.configure(draft_of_lease(made_up(account, hand.code)))
    with pytest.raises(LeaseError, match="another borrowed route"):
        await remover.remove_configuration(lease)
    hand.configure(FORWARD)
    assert await remover.remove_configuration(lease)
    assert len(hand.values) == 2

    for key in hand.keys:
        hand.delete_action(key)
    assert await remover.remove_configuration(lease)
    assert not hand.configuration
