"""The platform's published source networks, and whether a firewall's rules let them pass.

Nothing here uses the network: the editions of the list are files of `resources/`, and the rules are
what a user pastes.
"""

from ibconsole.services.allow_list.comparison import (
    AllowListResult,
    NetworkCoverage,
    check_allow_list,
    describe_result,
    to_object,
)
from ibconsole.services.allow_list.firewall_rules import UnreadEntry
from ibconsole.services.allow_list.published import Edition, editions, is_published

__all__ = [
    "AllowListResult",
    "Edition",
    "NetworkCoverage",
    "UnreadEntry",
    "check_allow_list",
    "describe_result",
    "editions",
    "is_published",
    "to_object",
]
