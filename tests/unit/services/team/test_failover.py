"""A standby that takes over may lack what was shipped last: it is shipped again."""

from ibconsole.services.connections.account import TeamAccess
from ibconsole.services.runtime.team_status import TeamState
from ibconsole.services.team.lane import ShipperIdentity
from ibconsole.services.team.shipping import Shipper
from tests.postgres import TeamDatabase
from tests.team_servers import Standby, failover_address
from tests.unit.services.team.conftest import QUICK, Desk, until, until_shipped


async def test_what_a_standby_never_received(
    desk: Desk, team: TeamDatabase, standby: Standby
) -> None:
    """What only the lost server committed is in the record after the failover, each row once."""
    access = TeamAccess(failover_address(team, standby))
    async with Shipper(
        desk.paths, lambda _: None, identity=ShipperIdentity("desk"), limits=QUICK
    ) as shipper:
        await shipper.share({"c": access})
        desk.receive("replicated")
        await until_shipped(desk, ["replicated"])
        standby.catch_up(team.server)
        standby.stop()
        desk.receive("lost with the server")
        await until_shipped(desk, ["lost with the server", "replicated"])
        await until(shipper, lambda link: link.waiting == 0)

        team.server.crash()
        await until(shipper, lambda link: link.state is TeamState.AWAY)
        standby.start()
        standby.promote()
        await until(shipper, lambda link: link.state is TeamState.SHIPPING and not link.waiting)

    with standby.connect("owner", team.name) as db:
        found = db.execute("SELECT text FROM ibconsole.message ORDER BY text").fetchall()
    assert found == [("lost with the server",), ("replicated",)]
