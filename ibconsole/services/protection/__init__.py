"""The limits of what may be done: an administrator's policy, read-only mode, locks."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.api import CallKind, NotPermitted
    from ibconsole.services.protection.codes import ShownCodes
    from ibconsole.services.protection.policy import DESCRIPTIONS, MOST_DAYS, Policy
    from ibconsole.services.protection.policy_source import (
        POLICY_FILE,
        PREFERENCES,
        REGISTRY_KEY,
        PolicyInForce,
        find_policy,
        read_policy_file,
    )
    from ibconsole.services.protection.protection import (
        DEFAULT_MINUTES,
        LOCKABLE,
        LONGEST_MINUTES,
        LONGEST_REASON,
        Protection,
        ReasonNeeded,
        WrongName,
        require_name,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "ibconsole.api": "CallKind NotPermitted",
            "codes": "ShownCodes",
            "policy": "DESCRIPTIONS MOST_DAYS Policy",
            "policy_source": (
                "POLICY_FILE PREFERENCES REGISTRY_KEY PolicyInForce find_policy read_policy_file"
            ),
            "protection": (
                "DEFAULT_MINUTES LOCKABLE LONGEST_MINUTES LONGEST_REASON Protection ReasonNeeded"
                " WrongName require_name"
            ),
        },
    )

__all__ = [
    "DEFAULT_MINUTES",
    "DESCRIPTIONS",
    "LOCKABLE",
    "LONGEST_MINUTES",
    "LONGEST_REASON",
    "MOST_DAYS",
    "POLICY_FILE",
    "PREFERENCES",
    "REGISTRY_KEY",
    "CallKind",
    "NotPermitted",
    "Policy",
    "PolicyInForce",
    "Protection",
    "ReasonNeeded",
    "ShownCodes",
    "WrongName",
    "find_policy",
    "read_policy_file",
    "require_name",
]
