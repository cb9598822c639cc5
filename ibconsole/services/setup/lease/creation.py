"""Creation of what a lease needs on the platform: its action, and a configuration if there is none.

Each request is in the archive before it is sent. One whose answer was lost is looked for, and what
it created is taken for the lease's.
"""

from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from ibconsole.api import Platform
from ibconsole.archive.leases import StoredLease
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.model import ActionDraft, ActionType, Configuration
from ibconsole.services.runtime import LeaseState
from ibconsole.services.setup.lease.values import details_of, may_have_worked, own_action

# Stores a lease, and returns it; raises LeaseError if it was ended meanwhile.
SaveLease = Callable[[StoredLease], Awaitable[StoredLease]]


async def create(setup: Platform, lease: StoredLease, save: SaveLease) -> StoredLease:
    """Create the action of a lease next to those that exist, and return the active lease.

    Raises a UserError; a lease of which `sent_at` was stored may exist then, or come to exist.
    """
    listed = await setup.configurations(lease.application)
    if listed:
        lease = await save(replace(lease, configuration=listed[0].key))
    else:
        lease = await _create_configuration(setup, lease, save)
    return await _create_action(setup, lease, save)


def draft_of_lease(lease: StoredLease) -> ActionDraft:
    """Return the draft of the action, which says to others what it is for.

    The end is left out: it can be put off, and an action is not changed for that.
    """
    return ActionDraft(
        type=ActionType.HTTP_FORWARD,
        forward_url=f"{details_of(lease).url}{lease.path}",
        callback_data=f"borrowed by ibconsole ({lease.id})",
    )


async def _create_configuration(
    setup: Platform, lease: StoredLease, save: SaveLease
) -> StoredLease:
    lease = await save(replace(lease, owns_configuration=True, sent_at=now_ms()))
    try:
        created = await setup.create_configuration(lease.application)
    except UserError as error:
        if not may_have_worked(error):
            lease = await save(replace(lease, owns_configuration=False, sent_at=None))
        listed = await _listed(setup, lease.application, error)
        if not listed:
            raise
        created = listed[0]
    return await save(replace(lease, configuration=created.key, sent_at=None))


async def _create_action(setup: Platform, lease: StoredLease, save: SaveLease) -> StoredLease:
    lease = await save(replace(lease, sent_at=now_ms()))
    code, key = lease.application, lease.configuration
    try:
        created = await setup.create_action(code, key, draft_of_lease(lease))
    except UserError as error:
        if not may_have_worked(error):
            await save(replace(lease, sent_at=None))
            raise
        try:
            found = own_action(await setup.actions(code, key), lease.path)
        except UserError:
            raise error from None
        if not found:
            raise
        created = found
    return await save(replace(lease, state=LeaseState.ACTIVE, action=created.key, sent_at=None))


async def _listed(setup: Platform, code: str, error: UserError) -> list[Configuration]:
    """Return the configurations after a failed creation, also one that another process created."""
    try:
        return await setup.configurations(code)
    except UserError:
        raise error from None
