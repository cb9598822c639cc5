"""The work of a team archive's owner: tables and their migration, accounts, users.

Connections for it are made by `connect_owner`, with statements that may take their time.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.team_archive.administration.checks import CheckState, TeamCheck, check_archive
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
    from ibconsole.team_archive.administration.reports import (
        AccountReport,
        TeamReport,
        read_report,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "checks": "CheckState TeamCheck check_archive",
            "membership": "Membership add_account grant list_members revoke",
            "months": (
                "ExpiredMonth MonthsChanged TeamRetention create_months drop_expired maintain"
                " read_retention set_retention trust_clock"
            ),
            "preparation": "Preparation connect_owner prepare",
            "reports": "AccountReport TeamReport read_report",
        },
    )

__all__ = [
    "AccountReport",
    "CheckState",
    "ExpiredMonth",
    "Membership",
    "MonthsChanged",
    "Preparation",
    "TeamCheck",
    "TeamReport",
    "TeamRetention",
    "add_account",
    "check_archive",
    "connect_owner",
    "create_months",
    "drop_expired",
    "grant",
    "list_members",
    "maintain",
    "prepare",
    "read_report",
    "read_retention",
    "revoke",
    "set_retention",
    "trust_clock",
]
