"""A team's messages on this disk: those that this computer received itself, or imported.

What is sent again is sent from this disk, with its ledger and its proof. A message that another
member received has its bytes there.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

from ibconsole.archive import Filter
from ibconsole.errors import UserError
from ibconsole.plural import counted
from ibconsole.services.messages import AsyncReader, FullReader
from ibconsole.services.team.reading.record_reader import RecordReader
from ibconsole.services.team.reading.record_source import is_team_id

_PAGE = 500

# The origin of a delivery, the position of a message in it, and its message id.
Origin = tuple[str, int, str]


class NotOnThisDisk(UserError):
    """Some of a team's messages were received by other members."""


async def ids_on_disk(record: RecordReader, disk: AsyncReader, ids: Sequence[int]) -> list[int]:
    """Return the ids that messages have on this disk, in their order.

    Those of this disk are returned as they are. Raises NotOnThisDisk unless all are there.
    """
    if not ids or not is_team_id(ids[0]):
        return list(ids)
    opener, criteria = record.locate(Filter(ids=tuple(ids)))
    origins = await asyncio.to_thread(_read_origins, opener, criteria.ids)
    found = await disk.find_origins(origins)
    missing = len(ids) - sum(one is not None for one in found)
    if missing:
        raise NotOnThisDisk(
            f"{counted(missing, 'message')} of {len(ids):,} came to other members of the team, and"
            " not to this disk. Nothing was sent; send them from there, or select only your own."
        )
    return [one for one in found if one is not None]


def _read_origins(opener: Callable[[], FullReader], ids: Sequence[int]) -> list[Origin]:
    with closing(opener()) as reader:
        found = dict(_origins(reader, ids))
    return [found[one] for one in ids if one in found]


def _origins(reader: FullReader, ids: Sequence[int]) -> Iterator[tuple[int, Origin]]:
    for start in range(0, len(ids), _PAGE):
        for page in reader.pages(Filter(ids=tuple(ids[start : start + _PAGE]))):
            deliveries = list(dict.fromkeys(one.delivery for one in page))
            origins = {one.id: one.origin or "" for one in reader.facts(deliveries)}
            for one in page:
                yield one.id, (origins.get(one.delivery, ""), one.position, one.message_id)
