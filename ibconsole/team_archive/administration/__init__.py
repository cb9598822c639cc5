"""The work of a team archive's owner: tables and their migration, accounts, users.

Connections for it are made by `connect_owner`, with statements that may take their time.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.team_archive.administration.membership import (
        Membership,
        add_account,
        grant,
        list_members,
        revoke,
    )
    from ibconsole.team_archive.administration.months import (
        ExpiredMonth,
        MonthsChanged,
        TeamRetention,
        create_months,
        drop_expired,
        maintain,
        read_retention,
        set_retention,
        trust_clock,
    )
    from ibconsole.team_archive.administration.preparation import (
        Preparation,
        connect_owner,
        prepare,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "membership": "Membership add_account grant list_members revoke",
            "months": (
                "ExpiredMonth MonthsChanged TeamRetention create_months drop_expired maintain"
                " read_retention set_retention trust_clock"
            ),
            "preparation": "Preparation connect_owner prepare",
        },
    )

__all__ = [
    "ExpiredMonth",
    "Membership",
    "MonthsChanged",
    "Preparation",
    "TeamRetention",
    "add_account",
    "connect_owner",
    "create_months",
    "drop_expired",
    "grant",
    "list_members",
    "maintain",
    "prepare",
    "read_retention",
    "revoke",
    "set_retention",
    "trust_clock",
]
