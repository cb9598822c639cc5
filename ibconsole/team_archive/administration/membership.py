"""The accounts of a team, and who may do what in them.

A capability is a row of `member`. The role of the server that carries the rights on the tables is
granted with it, and stays granted afterwards: it gives access to no account, and other databases of
the server may use it.
"""

import time
from typing import TYPE_CHECKING

import msgspec

from ibconsole.lazy import LazyModule
from ibconsole.team_archive import Capability, NoSuchAccount, NoSuchRole, TeamConnection

if TYPE_CHECKING:
    from psycopg import sql
else:
    sql = LazyModule("psycopg.sql")


class Membership(msgspec.Struct, frozen=True):
    """A capability of a role, which may be a group, in an account.

    `exists` is false if the server has no such role any more.
    """

    account: str
    role: str
    capability: Capability
    exists: bool = True


def add_account(db: TeamConnection, name: str, base_url: str = "") -> int:
    """Add an account, unless there is one of this name; return its id."""
    db.execute(
        "INSERT INTO ibconsole.account (name, base_url, added_at) VALUES (%s, %s, %s)"
        " ON CONFLICT (name) DO NOTHING",
        (name, base_url, time.time_ns() // 1_000_000),
    )
    return _account(db, name)


def grant(db: TeamConnection, capability: Capability, account: str, role: str) -> None:
    """Give a user or a group a capability in an account; of an owner, in all of them.

    Raises NoSuchAccount, NoSuchRole, and psycopg.Error if the user may not.
    """
    if not db.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
        raise NoSuchRole(
            f"The server has no user or group “{role}”. Create it first, for example with"
            f" createuser --pwprompt; nothing was changed."
        )
    group = f"ibconsole_{capability}"
    with db.transaction():
        if capability is not Capability.OWNER:
            db.execute(
                "INSERT INTO ibconsole.member VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                (_account(db, account), role, capability),
            )
        row = db.execute("SELECT pg_has_role(%s::name, %s, 'USAGE')", (role, group)).fetchone()
        if not row or not row[0]:
            db.execute(
                sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), sql.Identifier(role))
            )


def revoke(db: TeamConnection, capability: Capability, account: str, role: str) -> bool:
    """Take a capability away; False if the role itself did not have it.

    Sessions that are open lose it with their next statement. Raises NoSuchAccount.
    """
    if capability is Capability.OWNER:
        db.execute(sql.SQL("REVOKE ibconsole_owner FROM {}").format(sql.Identifier(role)))
        return True
    gone = db.execute(
        "DELETE FROM ibconsole.member WHERE account = %s AND role = %s AND capability = %s",
        (_account(db, account), role, capability),
    )
    return gone.rowcount > 0


def list_members(db: TeamConnection) -> list[Membership]:
    """Return who may do what, by account and role."""
    rows = db.execute(
        "SELECT account.name, role, capability, EXISTS (SELECT FROM pg_roles WHERE rolname = role)"
        " FROM ibconsole.member JOIN ibconsole.account ON account.id = member.account"
        " ORDER BY 1, 2, 3"
    ).fetchall()
    return [Membership(name, role, Capability(one), there) for name, role, one, there in rows]


def _account(db: TeamConnection, name: str) -> int:
    row = db.execute("SELECT id FROM ibconsole.account WHERE name = %s", (name,)).fetchone()
    if row is None:
        raise NoSuchAccount(f"The team's archive has no account “{name}”. Nothing was changed.")
    return int(row[0])
