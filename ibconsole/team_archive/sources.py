"""The archives that ship to an account of a team: desktops and collectors."""

from ibconsole import __version__
from ibconsole.clock import now_ms
from ibconsole.team_archive.connection import translated
from ibconsole.team_archive.session import TeamSession


def register_source(session: TeamSession, archive: str, label: str, *, is_collector: bool) -> int:
    """Return the id of an archive in the session's account; a new one is added.

    `archive` is the UUID of the archive, and `label` names it to people. Raises a TeamArchiveError.
    """
    now = now_ms()
    with translated(session.address):
        row = session.db.execute(
            "INSERT INTO ibconsole.source"
            " (account, archive, label, program, is_collector, first_seen_at, last_seen_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (account, archive) DO UPDATE SET"
            " label = excluded.label, program = excluded.program,"
            " is_collector = excluded.is_collector, last_seen_at = excluded.last_seen_at"
            " RETURNING id",
            (session.account, archive, label, __version__, is_collector, now, now),
        ).fetchone()
    assert row is not None, "an upsert returns its row"  # noqa: S101
    return int(row[0])


def find_source(session: TeamSession, archive: str) -> int | None:
    """Return the id of an archive in the session's account; None if it was never registered.

    Raises a TeamArchiveError.
    """
    with translated(session.address):
        row = session.db.execute(
            "SELECT id FROM ibconsole.source WHERE account = %s AND archive = %s",
            (session.account, archive),
        ).fetchone()
    return int(row[0]) if row else None


def report_backlog(
    session: TeamSession, source: int, waiting: int, oldest_waiting_at: int | None
) -> None:
    """Say that a source is alive, and how much waits there. Raises a TeamArchiveError."""
    with translated(session.address):
        session.db.execute(
            "UPDATE ibconsole.source SET last_seen_at = %s, waiting = %s, oldest_waiting_at = %s"
            " WHERE id = %s",
            (now_ms(), waiting, oldest_waiting_at, source),
        )


def read_incarnation(session: TeamSession) -> str:
    """Return a text that is another one after a failover or a restored backup.

    It is the identity of the server and the timeline of its log: what was committed last before
    they changed may be missing. Raises a TeamArchiveError.
    """
    with translated(session.address):
        row = session.db.execute(
            "SELECT system_identifier || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8)"
            " FROM pg_control_system()"
        ).fetchone()
    assert row is not None, "a function returns its row"  # noqa: S101
    return str(row[0])
