"""Messages of a team's archive with all their fields, and their ids by what they belong to."""

from array import array
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ibconsole.archive import MessageValues
from ibconsole.team_archive.reading.bodies import read_parts
from ibconsole.team_archive.reading.condition_sql import storable
from ibconsole.team_archive.reading.queries import TeamQueries
from ibconsole.team_archive.reading.rows import MESSAGES, VALUES, values_of

_ID, _DELIVERY, _ARRIVED = 0, 1, 8  # places in VALUES
_BODY, _START, _SIZE = 12, 13, 14
_JSON_SIZE = "coalesce(size, octet_length(body), 0)"
# Of a page as many messages as fit; the first one in any case.
_PAGE = f"""
    SELECT {VALUES}, (
        SELECT first.id FROM ibconsole.message AS first
        WHERE first.account = message.account AND first.message_id = message.message_id
        AND first.application_code = message.application_code AND message.message_id <> ''
        ORDER BY first.arrived_at, first.id LIMIT 1
    ) FROM (
        SELECT id AS wanted, sum({_JSON_SIZE}) OVER (ORDER BY place) - {_JSON_SIZE} AS before
        FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS list(number, place)
        JOIN ibconsole.message ON id = number
        WHERE account = %(account)s
    ) AS page JOIN {MESSAGES} ON message.id = wanted
    WHERE account = %(account)s AND before < %(most)s
"""  # noqa: S608 names above
_FIRST = """
    SELECT id FROM ibconsole.message
    WHERE account = %(account)s AND message_id = %(message_id)s AND application_code = %(code)s
    ORDER BY arrived_at, id LIMIT 1
"""
# From one code to the next by the index: a million messages take no longer than a thousand.
_CODES = """
    WITH RECURSIVE found(code) AS (
        VALUES ('' COLLATE "C") UNION ALL SELECT (
            SELECT application_code FROM ibconsole.message
            WHERE account = %(account)s AND application_code > code
            ORDER BY application_code LIMIT 1
        ) FROM found WHERE code IS NOT NULL
    ) SELECT code FROM found WHERE code > ''
"""
_OF_DELIVERIES = """
    SELECT message.id FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted(delivery, place)
    JOIN ibconsole.message USING (delivery)
    WHERE account = %(account)s ORDER BY place, position
"""
_DELIVERIES_OF = """
    SELECT DISTINCT arrived_at, delivery FROM ibconsole.message
    WHERE account = %(account)s AND id = ANY(%(ids)s) ORDER BY 1, 2
"""
_MOST_IDS = 10_000
_PAGE_IDS = 500


class MessagePage(NamedTuple):
    """Messages with the labels of their sources, and the number of ids that were looked at."""

    messages: Sequence[tuple[MessageValues, str]]
    looked_at: int


def read_messages(
    queries: TeamQueries, ids: Sequence[int], connection: str | None, size: int
) -> MessagePage:
    """Return messages in the order of `ids`.

    Missing ones are skipped, and so are those whose JSON is missing. Ends once their JSON has about
    this size in bytes.
    """
    found: dict[int, tuple[Any, ...]] = {
        row[_ID]: row for row in queries.fetch(_PAGE, {"ids": list(ids), "most": size})
    }
    rows = [found[one] for one in ids if one in found]
    elsewhere = [row for row in rows if row[_BODY] is None]
    parts = read_parts(
        queries, [(row[_DELIVERY], row[_ARRIVED], row[_START], row[_SIZE]) for row in elsewhere]
    )
    bodies = {row[_ID]: body for row, body in zip(elsewhere, parts, strict=True)}
    messages = []
    for *row, first in rows:
        body = bodies.get(row[_ID]) if row[_BODY] is None else row[_BODY]
        if body is not None:
            original = None if first == row[_ID] else first
            messages.append((values_of(row, body, connection, original), row[-1]))
    is_whole = sum(row[_SIZE] or len(row[_BODY] or b"") for row in rows) < size
    looked_at = len(ids) if is_whole else list(ids).index(rows[-1][_ID]) + 1
    return MessagePage(messages, looked_at)


def read_pages(
    queries: TeamQueries, ids: Sequence[int], size: int
) -> Iterator[Sequence[tuple[MessageValues, str]]]:
    """Yield messages in the order of `ids`, in pages as `read_messages` reads them."""
    start = 0
    while start < len(ids):
        page = read_messages(queries, ids[start : start + _PAGE_IDS], queries.connection, size)
        start += page.looked_at
        yield page.messages


def find_first(queries: TeamQueries, message_id: str, application: str) -> int | None:
    """Return the id of the first message with this message id in an application, or None."""
    if not message_id:
        return None
    values = {"message_id": storable(message_id), "code": storable(application)}
    rows = queries.fetch(_FIRST, values)
    return int(rows[0][0]) if rows else None


def application_codes(queries: TeamQueries) -> list[str]:
    """Return the codes of the applications that have messages, in order."""
    return sorted(code for (code,) in queries.fetch(_CODES))


def messages_of(queries: TeamQueries, deliveries: Sequence[int]) -> "array[int]":
    """Return the ids of the messages in these deliveries, in their order."""
    return array("q", (one for (one,) in queries.fetch(_OF_DELIVERIES, {"ids": list(deliveries)})))


def deliveries_of(queries: TeamQueries, messages: Sequence[int]) -> list[int]:
    """Return the ids of the deliveries that these messages came in, oldest first."""
    found: dict[int, int] = {}
    for start in range(0, len(messages), _MOST_IDS):
        part = list(messages[start : start + _MOST_IDS])
        found |= {one: at for at, one in queries.fetch(_DELIVERIES_OF, {"ids": part})}
    return sorted(found, key=lambda one: (found[one], one))
