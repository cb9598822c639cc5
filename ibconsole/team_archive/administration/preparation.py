"""The preparation of a database for a team: roles, tables, rights, months; all of it repeatable.

The roles belong to the whole server, and are shared by its databases. Everything else belongs to
the role ibconsole_owner, in the schema `ibconsole`.
"""

from typing import TYPE_CHECKING

import msgspec

from ibconsole.lazy import LazyModule
from ibconsole.secret import Secret
from ibconsole.team_archive import (
    SearchSupport,
    TeamAddress,
    TeamConnection,
    TeamTooNew,
    UnsuitableDatabase,
    connect,
    read_search_support,
)
from ibconsole.team_archive.administration.months import MONTHS_AHEAD, create_months, trust_clock
from ibconsole.team_archive.tables import MIGRATIONS, READABLE_FROM

if TYPE_CHECKING:
    import psycopg
else:
    psycopg = LazyModule("psycopg")

OLDEST_SERVER = 14
_NO_TIMEOUT = 0
_ROLES = ("owner", "collector", "operator", "reader")
_LOCK = "SELECT pg_advisory_xact_lock(4846, 0)"
# Two databases of one server may be prepared at once: the role of the other one will do.
_CREATE_ROLE = """
    DO $$ BEGIN
        IF to_regrole('ibconsole_{0}') IS NULL THEN
            CREATE ROLE ibconsole_{0} NOLOGIN;
        END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
"""


class Preparation(msgspec.Struct, frozen=True):
    """The outcome of a preparation: the version before (0 if there were no tables) and now.

    `months` is the number of new months, and `reset` that of the rows from a restored dump
    with numbers of transactions that are still to come here.
    """

    before: int
    version: int
    search_support: SearchSupport
    months: int
    reset: int


def connect_owner(address: TeamAddress, password: Secret | None) -> TeamConnection:
    """Open a connection for the work of an owner, whose statements may take any time."""
    return connect(address, password, "administration", statement_timeout=_NO_TIMEOUT)


def prepare(db: TeamConnection, *, months_ahead: int = MONTHS_AHEAD) -> Preparation:
    """Create or migrate everything that a team needs in this database.

    Interrupted, it can be repeated. Several may run at once. The user has to be the database's
    owner with the right to create roles, or, for tables that exist, a member of ibconsole_owner.
    Raises UnsuitableDatabase, TeamTooNew, and psycopg.Error (see `translated`).
    """
    _check_server(db)
    _create_roles(db)
    before = _migrate(db)
    support = _support_search(db)
    reset = _reset_transactions(db)
    if not before:
        trust_clock(db)
    return Preparation(before, len(MIGRATIONS), support, create_months(db, months_ahead), reset)


def _check_server(db: TeamConnection) -> None:
    if db.info.server_version < OLDEST_SERVER * 10_000:
        version = db.info.server_version // 10_000
        raise UnsuitableDatabase(
            f"The server is PostgreSQL {version}, and a team's archive needs {OLDEST_SERVER} or"
            " newer. Nothing was changed."
        )
    row = db.execute("SHOW server_encoding").fetchone()
    if not row or row[0] != "UTF8":
        raise UnsuitableDatabase(
            "The encoding of the database is not UTF8, so that it could not store every message."
            " Create one with ENCODING 'UTF8' TEMPLATE template0; nothing was changed."
        )


def _create_roles(db: TeamConnection) -> None:
    for role in _ROLES:
        db.execute(_CREATE_ROLE.format(role))
    with db.transaction():
        db.execute(_LOCK)
        row = db.execute("SELECT pg_has_role('ibconsole_owner', 'MEMBER')").fetchone()
        if not row or not row[0]:  # who creates a role is not always its member
            db.execute("GRANT ibconsole_owner TO CURRENT_USER")
        row = db.execute("SELECT to_regnamespace('ibconsole')").fetchone()
        if not row or row[0] is None:
            db.execute("CREATE SCHEMA ibconsole AUTHORIZATION ibconsole_owner")


def _migrate(db: TeamConnection) -> int:
    """Migrate the tables, each version in a transaction; return the version before."""
    before: int | None = None
    while True:
        with db.transaction():
            db.execute("SET LOCAL ROLE ibconsole_owner")
            db.execute(_LOCK)
            version = _version(db)
            before = version if before is None else before
            if version >= len(MIGRATIONS):
                return before
            db.execute(MIGRATIONS[version])
            facts = {"version": version + 1, "readable_from": READABLE_FROM[version]}
            for name, value in facts.items():
                db.execute(
                    "INSERT INTO ibconsole.about VALUES (%s, %s)"
                    " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    (name, str(value)),
                )


def _version(db: TeamConnection) -> int:
    row = db.execute("SELECT to_regclass('ibconsole.about')").fetchone()
    if not row or row[0] is None:
        return 0
    row = db.execute("SELECT value FROM ibconsole.about WHERE name = 'version'").fetchone()
    version = int(row[0]) if row else 0
    if version > len(MIGRATIONS):
        raise TeamTooNew("The tables are of a newer ibconsole. Nothing was changed.")
    return version


def _support_search(db: TeamConnection) -> SearchSupport:
    """Index the texts if the server has pg_trgm, which not every provider offers.

    A longer list of pending entries (16 MB, in kB) takes a third of the index's cost from those who
    ship: 118 instead of 174 µs of processor time for a message of 18 words, without an index 21. A
    search reads the list as well, in some 30 ms.
    """
    if read_search_support(db) is SearchSupport.TRIGRAMS:
        return SearchSupport.TRIGRAMS
    if _trigram_schema(db) is None:
        try:
            with db.transaction():
                db.execute(_LOCK)
                db.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA ibconsole")
        except (
            psycopg.errors.InsufficientPrivilege,
            psycopg.NotSupportedError,  # not installed
            psycopg.errors.UndefinedFile,  # the same in PostgreSQL 14
        ):
            return SearchSupport.SCAN  # the status says so
    schema = _trigram_schema(db) or "public"
    with db.transaction():
        db.execute("SET LOCAL ROLE ibconsole_owner")
        db.execute(_LOCK)
        db.execute(
            psycopg.sql.SQL(
                "CREATE INDEX IF NOT EXISTS message_searched ON ibconsole.message"
                " USING gin (searched {}.gin_trgm_ops) WITH (gin_pending_list_limit = 16384)"
            ).format(psycopg.sql.Identifier(schema))
        )
    return SearchSupport.TRIGRAMS


def _trigram_schema(db: TeamConnection) -> str | None:
    row = db.execute(
        "SELECT nspname FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace"
        " WHERE extname = 'pg_trgm'"
    ).fetchone()
    return str(row[0]) if row else None


def _reset_transactions(db: TeamConnection) -> int:
    """Make rows visible to feeds whose transactions are, on this server, still to come.

    A dump that was restored on another server brings them in. 3 is below every transaction's.
    """
    reset = 0
    for table in ("delivery", "message"):
        with db.transaction():
            db.execute("SET LOCAL ROLE ibconsole_owner")
            reset += db.execute(
                psycopg.sql.SQL(
                    "UPDATE ibconsole.{} SET xid = '3'::xid8 WHERE xid > pg_current_xact_id()"
                ).format(psycopg.sql.Identifier(table))
            ).rowcount
    return reset
