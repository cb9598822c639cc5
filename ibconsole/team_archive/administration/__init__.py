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
            "preparation": "Preparation connect_owner prepare",
        },
    )

__all__ = [
    "Membership",
    "Preparation",
    "add_account",
    "connect_owner",
    "grant",
    "list_members",
    "prepare",
    "revoke",
]
