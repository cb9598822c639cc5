"""What opens sessions of a team's computers, for tests of pulling."""

from ibconsole.services.team.session_thread import TeamOpener
from ibconsole.team_archive import TeamSession, open_session, register_source
from tests.postgres import TeamDatabase


def opener_of(team: TeamDatabase, name: str, *, is_collector: bool = False) -> TeamOpener:
    """Return what opens sessions of a computer of this name, a collector or an operator's."""
    address = team.address("collector" if is_collector else "operator")

    def open_registered() -> tuple[TeamSession, int]:
        session = open_session(address, None, "test")
        source = register_source(session, f"archive-{name}", name, is_collector=is_collector)
        return session, source

    return open_registered
