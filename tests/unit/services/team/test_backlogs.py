"""What waits here is known while the team's archive is away."""

from pathlib import Path

from ibconsole.archive.archive import Archive
from ibconsole.archive.outbox.outbox import Outbox
from ibconsole.services.team.backlogs import (
    address_of,
    local_backlogs,
    ship_again,
    target_of,
)
from ibconsole.team_archive import TeamAddress
from tests.unit.archive.deliveries import batch, pull

ACME = TeamAddress("postgresql://h/team", "acme of east")
GLOBEX = TeamAddress("postgresql://h/team", "globex")


def test_accounts_have_backlogs_of_their_own(tmp_path: Path) -> None:
    """Each account has its own backlog, and the rows that were refused with their reasons."""
    path = tmp_path / "archive.sqlite3"
    assert local_backlogs(path) == ()
    ship_again(path, ACME)
    assert not path.exists()
    with Archive(path) as archive, Outbox(path) as outbox:
        outbox.set_targets({"a": target_of(ACME), "b": target_of(GLOBEX), "c": target_of(ACME)})
        for target in (ACME, GLOBEX):
            while outbox.note_stored(target_of(target)):
                pass
        for connection in "abc":
            pull(archive, batch({}), connection=connection)
        outbox.set_aside(outbox.read(target_of(GLOBEX)).rows, "It is refused.")

        acme, globex = local_backlogs(path)
        assert (acme.address, acme.connections, acme.backlog.rows) == (ACME, ("a", "c"), 2)
        assert (globex.address, globex.backlog.rows, globex.backlog.set_aside) == (GLOBEX, 0, 1)
        assert [row.reason for row in globex.refused] == ["It is refused."]

        outbox.remove(outbox.read(target_of(ACME)).rows)
        ship_again(path, ACME)
        while outbox.note_stored(target_of(ACME)):
            pass
        assert local_backlogs(path)[0].backlog.rows == 2


def test_targets_are_addresses() -> None:
    """An account may have spaces in its name, a database may not."""
    assert address_of(target_of(ACME)) == ACME
