"""The bytes of deliveries in a team's archive, and parts of them that the server cuts out.

The body of a delivery is stored by itself, or is the end of `raw`, from byte `body_start` on. The
JSON of a message is a part of it, unless it was compressed or wrapped: then it is stored.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ibconsole.archive import Slice, undo_content_encoding
from ibconsole.team_archive.reading.queries import TeamQueries
from ibconsole.team_archive.reading.rows import decode_headers

_LARGEST_GAP = 1 << 20  # bytes between parts that are read together
# SQL, to be used with the table content. Lengths are read without the bytes.
_START = "coalesce(body_start, 0)"
_SOURCE = "CASE WHEN body IS NULL THEN raw ELSE body END"
_FIRST = f"CASE WHEN body IS NULL THEN {_START} ELSE 0 END"
_BODY = f"substring({_SOURCE} FROM {_FIRST} + 1)"
_SLICE = """
    SELECT substring(bytes FROM %(start)s::integer + 1 + first FOR %(size)s::integer),
        greatest(octet_length(bytes) - first, 0)
    FROM ibconsole.delivery LEFT JOIN (
        SELECT delivery, arrived_at, {bytes} AS bytes, {first} AS first FROM ibconsole.content
    ) AS stored ON delivery = id AND stored.arrived_at = delivery.arrived_at
    WHERE id = %(delivery)s AND delivery.account = %(account)s
"""
_BODY_SLICE = _SLICE.format(bytes=_SOURCE, first=_FIRST)
_RAW_SLICE = _SLICE.format(bytes="raw", first="0")
_SPANS = f"""
    SELECT part.place, substring({_SOURCE} FROM part.start + 1 + {_FIRST} FOR part.size)
    FROM unnest(%(places)s::integer[], %(deliveries)s::bigint[], %(times)s::bigint[],
        %(starts)s::integer[], %(sizes)s::integer[]) AS part(place, delivery, at, start, size)
    JOIN ibconsole.content
    ON content.delivery = part.delivery AND content.arrived_at = part.at
    WHERE account = %(account)s
"""  # noqa: S608 names above
_CUT = f"""
    SELECT headers, {_BODY},
        (SELECT max(start + size) FROM ibconsole.message
            WHERE message.delivery = id AND message.arrived_at = delivery.arrived_at),
        EXISTS (SELECT FROM ibconsole.message
            WHERE message.delivery = id AND message.arrived_at = delivery.arrived_at)
    FROM ibconsole.delivery JOIN ibconsole.content
    ON content.delivery = id AND content.arrived_at = delivery.arrived_at
    WHERE id = %(delivery)s AND delivery.account = %(account)s
    AND (salvaged OR interrupted OR NOT complete)
"""  # noqa: S608 names above
_ALL = (1 << 31) - 64  # bytes; no value of PostgreSQL is as large

# Of a message: its delivery, the delivery's time of arrival, and offset and size in the body.
Part = tuple[int, int, int | None, int | None]


def read_slice(
    queries: TeamQueries, delivery: int, start: int = 0, size: int = _ALL, *, raw: bool = False
) -> Slice:
    """Return at most `size` bytes of a body or of a raw request.

    Raises LookupError if there is no such delivery.
    """
    values = {"delivery": delivery, "start": min(start, _ALL), "size": min(size, _ALL)}
    rows = queries.fetch(_RAW_SLICE if raw else _BODY_SLICE, values)
    if not rows:
        raise LookupError(f"There is no delivery {delivery}.")
    [(data, total)] = rows
    return Slice(data or b"", min(start, total or 0), total or 0)


def read_parts(queries: TeamQueries, parts: Sequence[Part]) -> list[bytes | None]:
    """Return parts of bodies; None for one that is not stored.

    Parts of one delivery that lie close together are read as one.
    """
    found: list[bytes | None] = [None] * len(parts)
    runs = list(_runs(parts))
    if not runs:
        return found
    columns: Mapping[str, Sequence[Any]] = {
        "places": range(len(runs)),
        "deliveries": [parts[run[0]][0] for run in runs],
        "times": [parts[run[0]][1] for run in runs],
        "starts": [_start(parts[run[0]]) for run in runs],
        "sizes": [_end(parts[run[-1]]) - _start(parts[run[0]]) for run in runs],
    }
    rows = queries.fetch(_SPANS, {name: list(column) for name, column in columns.items()})
    for number, data in rows:
        first = _start(parts[runs[number][0]])
        for place in runs[number]:
            start, end = _start(parts[place]) - first, _end(parts[place]) - first
            if end <= len(data):
                found[place] = data[start:end]
    return found


def read_trailing_bytes(queries: TeamQueries, delivery: int, limit: int) -> bytes:
    """Return the bytes after the last whole message of a cut body, decompressed."""
    for headers, body, end, has_messages in queries.fetch(_CUT, {"delivery": delivery}):
        if has_messages and end is None:
            return b""  # converted or unwrapped: where the messages end is not known
        plain, _ = undo_content_encoding(body or b"", decode_headers(headers))
        trailing: bytes = plain[end or 0 :][: limit + 1].lstrip(b", \t\r\n")
        return trailing[:limit]
    return b""


def _runs(parts: Sequence[Part]) -> Iterator[list[int]]:
    """Yield places of parts that are read together, each run in the order of its offsets."""
    known = [place for place, part in enumerate(parts) if None not in part]
    known.sort(key=lambda place: (parts[place][0], _start(parts[place])))
    run: list[int] = []
    for place in known:
        if run and (
            parts[place][0] != parts[run[-1]][0]
            or _start(parts[place]) - _end(parts[run[-1]]) > _LARGEST_GAP
        ):
            yield run
            run = []
        run.append(place)
    if run:
        yield run


def _start(part: Part) -> int:
    return part[2] or 0


def _end(part: Part) -> int:
    return _start(part) + (part[3] or 0)
