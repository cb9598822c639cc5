"""The rules of sending: limits of the open account, and of the connections that messages came by.

A message of a locked connection is not sent because another connection is open.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from ibconsole.api import NotPermitted
from ibconsole.archive import Reader
from ibconsole.archive.ledger import LedgerReader
from ibconsole.secret import Secret
from ibconsole.services.connections import Account, SettingsFile, saved_account
from ibconsole.services.protection import Protection
from ibconsole.services.redelivery.values import RedeliveryRequest
from ibconsole.services.runtime import Lock, LockCause


class SendingRules:
    """Says whether messages may be sent to a URL, and why not.

    `account` returns the account of the console, None if there is none: none is needed. The
    `settings` file has the other connections, without their secrets here. What came by one that is
    not saved any more has the limits of the account alone.
    """

    def __init__(
        self, protection: Protection, account: Callable[[], Account | None], settings: Path
    ) -> None:
        self._protection = protection
        self._account = account
        self._settings = SettingsFile(settings)

    @property
    def account(self) -> Account | None:
        """The account of the console."""
        return self._account()

    def saved(self) -> Mapping[str, Account]:
        """Read the saved connections, by their UUIDs; blocks on the disk. Raises SettingsError."""
        connections = self._settings.load().settings.connections
        return {one.id: saved_account(one, Secret("")) for one in connections}

    def require(self, url: str, owners: Iterable[Account] = ()) -> None:
        """Raise NotPermitted if messages that came by `owners` may not be sent to this URL.

        They have application codes, so a policy that masks these permits none to leave.
        """
        account = self._account()
        self._protection.require_test(account, url)
        self._protection.policy().codes.require("Sending messages with their application codes")
        for owner in owners:
            if account and owner.connection == account.connection:
                continue
            lock = self._protection.test_lock_of(owner, url)
            if lock:
                raise NotPermitted(_explain(owner, lock))


def owners_among(
    archive: Path, request: RedeliveryRequest, connections: Sequence[str]
) -> Sequence[str]:
    """Return by which of these connections the messages of a request came. Raises ArchiveError."""
    if not connections:
        return ()
    with Reader(archive) as reader, LedgerReader(archive) as ledger:
        ids = request.messages
        if ids is None:
            ids = reader.find(request.selection)
        return ledger.owners_of_messages(ids, connections)


def _explain(owner: Account, lock: Lock) -> str:
    if not lock.can_be_unlocked:
        return f"{lock.sentence} Nothing was sent."
    is_production = lock.cause is LockCause.PRODUCTION
    state = "a production connection that is locked" if is_production else "which is read-only"
    command = (
        f'in a terminal, add --production-ok "{owner.name}" --reason TEXT (one connection at a'
        " time)."
        if is_production
        else f'or change it: ibconsole connections edit "{owner.name}" --no-read-only.'
    )
    return (
        f"Some of these messages came by {owner.name}, {state}, so nothing was sent. Open that"
        f" connection in the window and unlock it, then send them again; {command}"
    )
