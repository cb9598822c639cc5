"""Public addresses of the listener: tunnels that run on this computer, and checks of an address."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.tunnels.address_check import (
        AddressCheck,
        CheckOutcome,
        check_address,
    )
    from ibconsole.services.tunnels.discovery import Tunnel, TunnelProgram, find_tunnels
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "address_check": "AddressCheck CheckOutcome check_address",
            "discovery": "Tunnel TunnelProgram find_tunnels",
        },
    )

__all__ = [
    "AddressCheck",
    "CheckOutcome",
    "Tunnel",
    "TunnelProgram",
    "check_address",
    "find_tunnels",
]
