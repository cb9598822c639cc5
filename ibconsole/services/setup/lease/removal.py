"""Removal of what a lease created on the platform, and of nothing else.

The setup is read again before each DELETE: an action is recognized by the lease's path, and the
configuration is deleted only if the lease created it and nothing is left in it.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

import msgspec

from ibconsole.api import NotFound, Platform, deletion_path
from ibconsole.archive.leases import StoredLease
from ibconsole.services.setup import ConfigurationState, InboundRoute, read_route
from ibconsole.services.setup.lease.values import LeaseError, is_borrowed, own_action

_MOST = 50  # actions of one lease: there is one, and copies of it that others made

# Permits the DELETE of this path in the block.
Permit = Callable[[str], AbstractContextManager[None]]


class LeaseRemover(msgspec.Struct, frozen=True):
    """Removes what leases created, through the platform of their account."""

    setup: Platform
    permit: Permit

    async def remove_actions(self, lease: StoredLease) -> bool:
        """Delete the action of a lease, also one that was copied; return whether there was any.

        Raises NotFound if the application does not exist, and other errors if anything may be left.
        """
        for number in range(_MOST):
            found = _find_action(await read_route(self.setup, lease.application), lease.path)
            if not found:
                return number > 0
            await self._delete(lease.application, *found)
        raise LeaseError(f"More than {_MOST} actions lead to the address of this borrowed route.")

    async def remove_configuration(self, lease: StoredLease) -> bool:
        """Delete the configuration if it is the lease's and empty; return whether there was one.

        One that holds something else now belongs to others, and stays. Raises as `remove_actions`,
        and LeaseError while all that it holds are other borrowed routes, which end as well.
        """
        if not lease.owns_configuration:
            return False
        route = await read_route(self.setup, lease.application)
        own = [one for one in route.configurations if _is_own(one, lease)]
        for configuration in own:
            if not configuration.actions:
                await self._delete(lease.application, configuration.key)
            elif all(map(is_borrowed, configuration.actions)):
                raise LeaseError(
                    "Its configuration holds another borrowed route, and is removed after that."
                )
        return bool(own)

    async def _delete(self, code: str, configuration: str, action: str | None = None) -> None:
        try:
            with self.permit(deletion_path(code, configuration, action)):
                if action is None:
                    await self.setup.delete_configuration(code, configuration)
                else:
                    await self.setup.delete_action(code, configuration, action)
        except NotFound:  # another has deleted it, or an attempt before this one
            return


def _find_action(route: InboundRoute, path: str) -> tuple[str, str] | None:
    """Return the keys of an action that belongs to the lease, and of its configuration."""
    for configuration in route.configurations:
        if action := own_action(configuration.actions, path):
            return configuration.key, action.key
    return None


def _is_own(configuration: ConfigurationState, lease: StoredLease) -> bool:
    """Return whether a lease created this configuration.

    The key is not known if the answer was lost. There was none just before the request, and an
    application has one configuration at most.
    """
    return lease.configuration in {configuration.key, ""}
