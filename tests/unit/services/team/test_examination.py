"""The examination says what was checked, and why there is no more."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from ibconsole.secret import Secret
from ibconsole.services.connections import TeamAccess
from ibconsole.services.team.examination import TeamExamination, check_line, examine_team
from ibconsole.team_archive import Capability, TeamAddress
from ibconsole.team_archive.administration import CheckState, TeamCheck, grant
from tests.postgres import PATIENCE, TeamDatabase
from tests.team_servers import Pooler

ADDRESS = TeamAddress("postgresql://db.example/inbound", "acme")
GOOD = TeamCheck("Tables", CheckState.OK, "They have version 1.")
BAD = TeamCheck("Clock", CheckState.PROBLEM, "The clocks differ.", "Correct the wrong one.")
UNKNOWN = TeamCheck("Members", CheckState.UNKNOWN, "Not permitted.")


def test_a_report() -> None:
    """It is complete as text, with what to do about each problem."""
    found = TeamExamination(ADDRESS, (GOOD, BAD, UNKNOWN), 1_790_000_400_000)

    assert found.sentence == "3 checks: 1 problem, 1 not known."
    assert not found.healthy
    assert found.report.splitlines()[0] == "Team's archive: acme in db.example/inbound"
    assert found.report.splitlines()[1].endswith(": 3 checks: 1 problem, 1 not known.")
    assert found.report.splitlines()[2:] == [
        "ok       Tables: They have version 1.",
        "PROBLEM  Clock: The clocks differ. Correct the wrong one.",
        "unknown  Members: Not permitted.",
    ]
    healthy = TeamExamination(TeamAddress(ADDRESS.database, ""), (GOOD,), 0)
    assert (healthy.healthy, healthy.sentence) == (True, "1 check: no problem.")
    assert healthy.report.startswith("Team's archive: db.example/inbound\n")


async def test_every_check_is_made(team: TeamDatabase) -> None:
    """The first one is the connection, with the user that the server knows."""
    found = await examine_team(TeamAccess(team.address("operator")))

    first, *others = found.checks
    assert (first.name, first.good) == ("Connection", True)
    assert first.sentence.startswith("operator reaches ")
    assert {"Tables", "Rights", "Encryption", "Durability"} <= {one.name for one in others}
    assert found.address == team.address("operator")
    assert not found.needs_password


async def test_a_server_that_is_away(team: TeamDatabase) -> None:
    """That is one problem, with what becomes of messages; so is a keyring without the password."""
    team.server.stop()
    access = TeamAccess(team.address("operator"), problem="The keyring is locked.")

    found = await examine_team(access)

    assert [(one.name, one.state) for one in found.checks] == [
        ("Connection", CheckState.PROBLEM),
        ("Password", CheckState.PROBLEM),
    ]
    assert "waits on this disk" in found.checks[0].remedy
    assert found.checks[1].sentence == "The keyring is locked."


async def test_a_check_that_takes_too_long(team: TeamDatabase) -> None:
    """The server gives it up, and the checks after it are made."""
    with team.db() as db, db.transaction():
        db.execute("LOCK ibconsole.delivery")
        found = await examine_team(TeamAccess(team.address("operator")), seconds=2)

    states = {one.name: one.state for one in found.checks}
    assert states["Restored rows"] is CheckState.UNKNOWN
    assert states["Members"] is CheckState.OK


async def test_a_server_that_is_lost(team: TeamDatabase) -> None:
    """What was found before stays, and the last check that was made is named."""
    with team.db() as db, db.transaction():
        db.execute("LOCK ibconsole.delivery")
        found, _ = await asyncio.gather(
            examine_team(TeamAccess(team.address("operator"))),
            asyncio.to_thread(end_waiting_session, team),
        )

    *others, last = found.checks
    assert {"Connection", "Tables", "Durability"} <= {one.name for one in others}
    assert (last.name, last.state) == ("Answer", CheckState.PROBLEM)
    assert last.sentence.endswith("Nothing was checked after “Row security”.")
    assert "waits on this disk" in last.remedy


def end_waiting_session(team: TeamDatabase) -> None:
    """End the session that waits for a lock, once there is one."""
    ending = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with team.db() as db:
        deadline = time.monotonic() + PATIENCE
        while not db.execute(ending).fetchall():
            assert time.monotonic() < deadline
            time.sleep(0.01)


async def test_a_database_without_tables(team: TeamDatabase) -> None:
    """The connection works, and the tables are what is missing."""
    found = await examine_team(TeamAccess(TeamAddress(team.server.url("owner", "postgres"), "")))

    assert [one.name for one in found.checks] == ["Connection", "Tables"]
    assert "ibconsole team init" in found.checks[1].sentence


@pytest.fixture
def paul(team: TeamDatabase) -> Iterator[TeamAddress]:
    """Add a reader with the password `planted` to the server."""
    rules = team.server.data / "pg_hba.conf"
    before = rules.read_text()
    db = team.db()
    db.execute("CREATE ROLE paul LOGIN PASSWORD 'planted'")
    grant(db, Capability.READER, "acme", "paul")
    rules.write_text(f"local all paul scram-sha-256\n{before}")
    db.execute("SELECT pg_reload_conf()")
    yield team.address("paul")
    rules.write_text(before)
    db.execute("SELECT pg_reload_conf()")
    db.execute("DROP OWNED BY paul CASCADE")
    db.execute("DROP ROLE paul")


async def test_a_password_is_asked_for(paul: TeamAddress) -> None:
    """That one is missing is known apart from that it is wrong; it is in no sentence."""
    missing = await examine_team(TeamAccess(paul))
    wrong = await examine_team(TeamAccess(paul, Secret("guessed")))
    right = await examine_team(TeamAccess(paul, Secret("planted")))

    assert missing.needs_password
    assert "asks for a password" in missing.checks[0].sentence
    assert not wrong.needs_password
    assert "does not admit this user" in wrong.checks[0].sentence
    assert right.checks[0].sentence.startswith("paul reaches ")
    assert not [word for word in ("guessed", "planted") if word in wrong.report + right.report]


@pytest.mark.team_servers
async def test_a_pooler_that_lends_transactions(pgbouncer: Pooler) -> None:
    """It is no way to the archive, whatever else works."""
    found = await examine_team(TeamAccess(pgbouncer.address("transaction", "operator")))

    [refused] = found.checks
    assert refused.name == "Connection"
    assert "pool_mode = session" in refused.sentence
    assert check_line(refused).startswith("PROBLEM  Connection: ")
