"""What is sent again is on this disk."""

from contextlib import closing
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter
from ibconsole.services.connections import TeamAccess
from ibconsole.services.messages import AsyncReader
from ibconsole.services.team.reading.disk_ids import NotOnThisDisk, ids_on_disk
from ibconsole.services.team.reading.record_reader import RecordReader
from ibconsole.services.team.reading.record_source import team_id
from tests.postgres import TeamDatabase
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.team_archive.team_rows import ShippedMessage, TeamRows


async def test_own_messages_are_found_and_those_of_others_refused(
    team: TeamDatabase, tmp_path: Path
) -> None:
    """A message of the team is sent again from the disk that received it, and from no other."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        [delivery] = archive.add_forwards([arrival(batch({"messageId": "a"}, {"messageId": "b"}))])
        archive.decode([delivery])
    with Reader(path) as stored:
        own = stored.identity()
    anna = TeamRows(team.db())
    anna.ship(1, ShippedMessage(message_id="x"))
    messages = (ShippedMessage(message_id="a"), ShippedMessage(message_id="b"))
    anna.ship(2, *messages, origin=f"{own}:{delivery}")
    anna.ship(3, ShippedMessage(message_id="other"), origin=f"{own}:{delivery + 1}")

    async with AsyncReader(path) as disk, RecordReader(disk) as record:
        record.use(TeamAccess(team.address("reader")), "uuid")
        opener, _ = record.locate(Filter(ids=(team_id(1),)))
        with closing(opener()) as reader:
            ids = [*map(team_id, reader.search(Filter()).ids)]

        assert await ids_on_disk(record, disk, [2, 1]) == [2, 1]
        assert await ids_on_disk(record, disk, [ids[2], ids[1]]) == [2, 1]
        assert await ids_on_disk(record, disk, []) == []
        with pytest.raises(NotOnThisDisk, match="2 messages of 4 came to other members"):
            await ids_on_disk(record, disk, ids)
