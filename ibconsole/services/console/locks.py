"""The locks of the account that a console is connected to, as its user sees and undoes them."""

import asyncio
from collections.abc import Callable, Collection

from ibconsole.api import CallKind
from ibconsole.services.connections import Account, NoAccount
from ibconsole.services.protection import Protection


class AccountLocks:
    """Unlocks calls on the current account for a while, and locks them again.

    `account` returns the account of the console, None if there is none. `show` is called with the
    fields of the status that it keeps: `protection`, `why_codes_masked`.
    """

    def __init__(
        self,
        protection: Protection,
        account: Callable[[], Account | None],
        show: Callable[..., None],
    ) -> None:
        self._protection = protection
        self._account = account
        self._show_status = show

    async def unlock(
        self,
        connection: str,
        kinds: Collection[CallKind],
        minutes: float,
        typed: str = "",
        reason: str = "",
    ) -> None:
        """Unlock calls on the current connection; see `Protection.unlock`. Raises NoAccount.

        `connection` is the UUID of the one that was shown to the user; `reason` is recorded with
        the calls.
        """
        account = self._require(connection)
        self._protection.unlock(account, kinds, minutes, typed)
        self._protection.give_reason(account, reason)
        self.show()

    async def give_reason(self, connection: str, reason: str) -> None:
        """Record this reason with what is sent on this connection, if it is still open."""
        self._protection.give_reason(self._require(connection), reason)
        self.show()

    async def lock(self) -> None:
        """Lock the current connection, if there is one."""
        if account := self._account():
            self._protection.lock(account)
            self.show()

    def show(self) -> None:
        """Show the locks as they are now, and why codes are masked."""
        self._show_status(why_codes_masked=self._protection.policy().codes.why_masked)
        if account := self._account():
            self._show_status(protection=self._protection.status_of(account))

    async def watch(self, interval: float = 1.0) -> None:
        """Keep `status.protection` true until cancelled."""
        while True:
            self.show()
            await asyncio.sleep(interval)

    def _require(self, connection: str) -> Account:
        account = self._account()
        if not account or account.connection != connection:
            raise NoAccount
        return account
