"""Sessions of several computers of a team, for tests of pulling."""

from ibconsole.team_archive import TeamAddress, TeamSession, open_session, register_source
from ibconsole.team_archive.pulling.lock import PullLock


def join(address: TeamAddress, name: str, *, is_collector: bool = False) -> tuple[TeamSession, int]:
    """Open a session for a computer of this name; return it with the id of its archive."""
    session = open_session(address, None, "test")
    return session, register_source(session, f"archive-{name}", name, is_collector=is_collector)


def lock_of(
    address: TeamAddress, name: str, *, is_collector: bool = False, silence: float = 5
) -> tuple[TeamSession, PullLock]:
    """Open a session with the lock of the pulls, which is not acquired."""
    session, source = join(address, name, is_collector=is_collector)
    lock = PullLock(
        session, source, f"process of {name}", is_collector=is_collector, silence=silence
    )
    return session, lock
