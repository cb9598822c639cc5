"""The platform's published source networks, and whether a firewall's rules let them pass.

Nothing here uses the network: the editions of the list are files of `resources/`, and the rules are
what a user pastes.
"""

from ibconsole.services.allow_list.comparison import (
    LARGEST,
    AllowListResult,
    NetworkCoverage,
    RulesTooLarge,
    check_allow_list,
    compare_rules,
    describe_result,
    read_rules_file,
    rules_text,
    to_object,
)
from ibconsole.services.allow_list.firewall_rules import UnreadEntry
from ibconsole.services.allow_list.published import Edition, editions, is_published

__all__ = [
    "LARGEST",
    "AllowListResult",
    "Edition",
    "NetworkCoverage",
    "RulesTooLarge",
    "UnreadEntry",
    "check_allow_list",
    "compare_rules",
    "describe_result",
    "editions",
    "is_published",
    "read_rules_file",
    "rules_text",
    "to_object",
]
