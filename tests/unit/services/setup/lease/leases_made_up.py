"""Leases that a test writes down."""

from ibconsole.archive.leases import StoredLease
from ibconsole.services.connections.account import Account
from ibconsole.services.setup.lease.values import LeaseDetails, LeaseRequest, new_lease

ADDRESS = "http://127.0.0.1:8484"


def made_up(account: Account, code: str, *, minutes: float = 15) -> StoredLease:
    """Return a lease of which nothing exists yet."""
    details = LeaseDetails(
        ADDRESS, "Shop", account.name, account.base_url, account.credential.label
    )
    return new_lease(LeaseRequest(code, ADDRESS, minutes), account, details)
