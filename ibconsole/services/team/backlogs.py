"""Backlogs for teams on this disk, whichever process ships them, and the rows that were refused.

Nothing is reached for it: the team's archive may be away, and no password is needed.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from ibconsole.archive.outbox import Backlog, Outbox, SetAsideRow
from ibconsole.files import is_missing
from ibconsole.team_archive import TeamAddress

_MOST_REFUSED = 1_000


class LocalBacklog(msgspec.Struct, frozen=True):
    """The backlog for one account of one team, and its connections by their UUIDs."""

    address: TeamAddress
    connections: tuple[str, ...]
    backlog: Backlog
    refused: tuple[SetAsideRow, ...] = ()


def local_backlogs(archive: Path) -> Sequence[LocalBacklog]:
    """Return what waits for each team; of what was refused the latest 1,000 rows.

    Blocks for a moment; creates no archive. Raises ArchiveError.
    """
    if is_missing(archive):
        return ()
    with Outbox(archive) as outbox:
        by_target: dict[str, list[str]] = {}
        for connection, target in sorted(outbox.targets().items()):
            by_target.setdefault(target, []).append(connection)
        refused = outbox.set_aside_rows(_MOST_REFUSED) if by_target else []
        return [
            LocalBacklog(
                address_of(target),
                tuple(connections),
                outbox.backlog(target),
                tuple(row for row in refused if row.connection in connections),
            )
            for target, connections in by_target.items()
        ]


def ship_again(archive: Path, address: TeamAddress) -> None:
    """Have everything shipped again that is stored of a team's connections on this disk.

    For a database that was restored from a backup: what it has is left as it is. Raises
    ArchiveError.
    """
    if not is_missing(archive):
        with Outbox(archive) as outbox:
            outbox.refill(target_of(address))


def target_of(address: TeamAddress) -> str:
    """Return the target that names an address in the outbox."""
    return f"{address.database} {address.account}"


def address_of(target: str) -> TeamAddress:
    """Return the address of a target; a database's address has no spaces."""
    database, _, account = target.partition(" ")
    return TeamAddress(database, account)
