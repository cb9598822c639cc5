"""The record of the open connection: its team's, or the archive on this disk."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.team.reading.disk_ids import NotOnThisDisk, ids_on_disk
    from ibconsole.services.team.reading.record_reader import RecordReader
    from ibconsole.services.team.reading.record_source import (
        RecordSource,
        RecordState,
        is_team_id,
        number_of,
        team_id,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "disk_ids": "NotOnThisDisk ids_on_disk",
            "record_reader": "RecordReader",
            "record_source": "RecordState RecordSource is_team_id number_of team_id",
        },
    )

__all__ = [
    "NotOnThisDisk",
    "RecordReader",
    "RecordSource",
    "RecordState",
    "ids_on_disk",
    "is_team_id",
    "number_of",
    "team_id",
]
