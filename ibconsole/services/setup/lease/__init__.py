"""Borrowed routes: messages lead here for a while, too, next to where they led before."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.setup.lease.held_lease import LeaseTiming
    from ibconsole.services.setup.lease.lease_book import require_unlent
    from ibconsole.services.setup.lease.leases import Leases
    from ibconsole.services.setup.lease.values import (
        DEFAULT_LEASE_MINUTES,
        LONGEST_LEASE_MINUTES,
        AlreadyLent,
        LeaseError,
        LeaseRequest,
        is_borrowed,
        leads_to,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "held_lease": "LeaseTiming",
            "lease_book": "require_unlent",
            "leases": "Leases",
            "values": (
                "DEFAULT_LEASE_MINUTES LONGEST_LEASE_MINUTES AlreadyLent LeaseError LeaseRequest"
                " is_borrowed leads_to"
            ),
        },
    )

__all__ = [
    "DEFAULT_LEASE_MINUTES",
    "LONGEST_LEASE_MINUTES",
    "AlreadyLent",
    "LeaseError",
    "LeaseRequest",
    "LeaseTiming",
    "Leases",
    "is_borrowed",
    "leads_to",
    "require_unlent",
]
