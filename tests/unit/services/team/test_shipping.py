"""What is stored here reaches the team, whatever happens in between; the status says what is so."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from ibconsole.archive.outbox.outbox import Outbox
from ibconsole.services.connections.account import TeamAccess
from ibconsole.services.runtime.team_status import TeamState
from ibconsole.services.team.shipping import default_label, forget_targets
from ibconsole.services.team.shipping_run import ShippingLimits
from tests.postgres import TeamDatabase
from tests.unit.services.team.conftest import QUICK, Desk, until, until_shipped


async def test_what_is_stored_reaches_the_team(desk: Desk) -> None:
    """What was there before, what comes later, and what another process stores."""
    desk.receive("before", "other", connection="d")
    desk.receive("before")
    shipper = await desk.shipper()
    await until_shipped(desk, ["before"])
    desk.receive("later")
    shipper.wake()
    await until_shipped(desk, ["before", "later"])

    link = await until(shipper, lambda link: link.shipped == 2 and not link.waiting)
    assert (link.state, link.set_aside, link.oldest_at) == (TeamState.SHIPPING, 0, None)
    assert shipper.status.sentence == "Team: 0 waiting"
    [(label, waiting)] = (
        desk.team.db().execute("SELECT label, waiting FROM ibconsole.source").fetchall()
    )
    assert (label, waiting) == ("desk", 0)


def stop_server(team: TeamDatabase) -> Callable[[], object]:
    team.server.stop()
    return team.server.start


def crash_server(team: TeamDatabase) -> Callable[[], object]:
    team.server.crash()
    return team.server.start


def make_read_only(team: TeamDatabase) -> Callable[[], object]:
    db = team.db()
    db.execute(f"ALTER DATABASE {team.name} SET default_transaction_read_only = on")
    db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'collector'")

    def repair() -> None:
        db.execute("SET default_transaction_read_only = off")
        db.execute(f"ALTER DATABASE {team.name} RESET default_transaction_read_only")
        db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'collector'"
        )

    return repair


def fill_disk(team: TeamDatabase) -> Callable[[], object]:
    db = team.db()
    db.execute(
        "CREATE FUNCTION public.full() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE SQLSTATE '53100' USING MESSAGE = 'no space left on device'; END $$"
    )
    db.execute(
        "CREATE TRIGGER full_disk BEFORE INSERT ON ibconsole.message"
        " FOR EACH ROW EXECUTE FUNCTION public.full()"
    )
    return lambda: db.execute("DROP FUNCTION public.full CASCADE")


@pytest.mark.parametrize("fault", [stop_server, crash_server, make_read_only, fill_disk])
async def test_a_database_that_is_away_is_a_backlog(
    desk: Desk, fault: Callable[[TeamDatabase], Callable[[], object]]
) -> None:
    """It is stated with its age, nothing is lost, and all of it is shipped once it can be."""
    shipper = await desk.shipper()
    desk.receive("a")
    await until_shipped(desk, ["a"])
    await until(shipper, lambda link: not link.waiting)
    repair = fault(desk.team)
    desk.receive("b", "c")
    shipper.wake()

    link = await until(shipper, lambda link: link.state == TeamState.AWAY and link.waiting == 2)
    assert "cannot be used now" in link.problem
    assert link.oldest_at == 1_790_000_000_000
    assert "away since" in shipper.status.sentence
    repair()
    await until_shipped(desk, ["a", "b", "c"])
    await until(shipper, lambda link: link.state == TeamState.SHIPPING and not link.waiting)


@pytest.mark.parametrize(
    ("role", "account", "state", "sentence"),
    [
        ("reader", "acme", TeamState.READING, ""),
        ("collector", "globex", TeamState.REFUSED, "no account “globex”"),
        ("unknown", "acme", TeamState.AWAY, "does not exist"),
    ],
)
async def test_a_user_without_the_right_ships_nothing(
    desk: Desk, role: str, account: str, state: TeamState, sentence: str
) -> None:
    """The status says why, and what is received waits here."""
    shipper = await desk.shipper(role, account=account)
    desk.receive("a")

    link = await until(shipper, lambda link: link.state == state and link.waiting == 1)
    assert sentence in link.problem
    assert desk.shipped() == []


async def test_a_keyring_that_gives_no_password_is_named(desk: Desk) -> None:
    """Nothing that is received is forgotten, and a server that asks for none is used."""
    shipper = await desk.shipper()
    address = desk.team.address("collector")
    unknown = msgspec.structs.replace(address, account="none")
    locked = "The keyring is locked."
    await shipper.share({"c": TeamAccess(unknown, problem=locked)})
    desk.receive("a")
    link = await until(shipper, lambda link: link.waiting and link.problem)
    assert (link.state, link.problem.startswith(locked)) == (TeamState.REFUSED, True)

    await shipper.share({"c": TeamAccess(address, problem=locked)})

    await until_shipped(desk, ["a"])


async def test_what_is_refused_is_set_aside_and_tried_again(desk: Desk) -> None:
    """It is counted and named, it holds up nothing, and the user can have it tried again."""
    db = desk.team.db()
    db.execute("ALTER TABLE ibconsole.message ADD CONSTRAINT odd CHECK (text <> 'odd')")
    shipper = await desk.shipper()
    desk.receive("a", "odd", "b")
    await until_shipped(desk, ["a", "b"])

    await until(shipper, lambda link: link.set_aside == 1 and not link.waiting)
    [row] = await shipper.set_aside()
    assert "odd" in row.reason
    assert shipper.status.sentence == "Team: 0 waiting, 1 row set aside"
    db.execute("ALTER TABLE ibconsole.message DROP CONSTRAINT odd")
    shipper.retry_set_aside()
    await until_shipped(desk, ["a", "b", "odd"])
    await until(shipper, lambda link: link.set_aside == 0)


async def test_the_end_waits_for_what_can_be_shipped(desk: Desk) -> None:
    """A command that has pulled ships that before it ends, but waits for no database."""
    shipper = await desk.shipper(limits=_with(poll=5.0, idle=5.0))
    await until(shipper, lambda link: link.state == TeamState.SHIPPING)
    desk.receive("a", "b")
    assert await shipper.drain(30) == 0
    assert desk.shipped() == ["a", "b"]

    desk.team.server.stop()
    desk.receive("c")
    shipper.wake()
    await until(shipper, lambda link: link.state == TeamState.AWAY)
    assert await shipper.drain(30) == 1


async def test_a_connection_without_a_team_keeps_nothing_waiting(desk: Desk) -> None:
    """What waits is given up with the team, and stays in the archive."""
    shipper = await desk.shipper("unknown")
    desk.receive("a")
    await until(shipper, lambda link: link.waiting == 1)

    await shipper.share({}, unshared=["c"])
    with Outbox(desk.paths.archive) as outbox:
        assert outbox.targets() == {}
    await shipper.share({"c": TeamAccess(desk.team.address("unknown"))})
    await until(shipper, lambda link: link.waiting == 1)  # noted anew, because it is stored


def test_a_removed_connection_keeps_nothing_waiting(tmp_path: Path, desk: Desk) -> None:
    """Nothing waits of a connection that was removed, and without an archive nothing did."""
    with Outbox(desk.paths.archive) as outbox:
        outbox.set_targets({"c": "a team", "d": "a team"})

    forget_targets(desk.paths.archive, "c")
    forget_targets(tmp_path / "none", "c")

    with Outbox(desk.paths.archive) as outbox:
        assert list(outbox.targets()) == ["d"]
    assert not (tmp_path / "none").exists()


def test_the_label_names_user_and_computer() -> None:
    """A team recognizes who has received something."""
    assert "@" in default_label()


def _with(**changes: float) -> ShippingLimits:
    return msgspec.structs.replace(QUICK, **changes)
