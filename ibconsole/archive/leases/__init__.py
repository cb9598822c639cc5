"""Borrowed routes: actions that lead to this computer for a while, which survive their process."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.archive.leases.route_leases import (
        LeaseArrivals,
        StoredLease,
        add_lease,
        newest_delivery,
        read_arrivals,
        read_lease,
        read_open_leases,
        update_lease,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "route_leases": (
                "LeaseArrivals StoredLease add_lease newest_delivery read_arrivals read_lease "
                "read_open_leases update_lease"
            ),
        },
    )

__all__ = [
    "LeaseArrivals",
    "StoredLease",
    "add_lease",
    "newest_delivery",
    "read_arrivals",
    "read_lease",
    "read_open_leases",
    "update_lease",
]
