"""Tools about what was received: messages, one message, and the timeline of an application."""

import base64
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec

from ibconsole.archive import Place
from ibconsole.errors import UserError
from ibconsole.services.agents.access import OfferedConnection, OfferedConnections
from ibconsole.services.agents.bounds import LARGEST, bounded, fitting, page_of
from ibconsole.services.agents.records import AgentRecords
from ibconsole.services.agents.redacting import AgentRedaction, AnswerRedaction
from ibconsole.services.agents.tools import (
    UNTRUSTED,
    WHY_READS_ONLY,
    AgentTool,
    ApplicationName,
    ConnectionName,
    Limit,
    Moment,
    Offset,
    ToolArguments,
)
from ibconsole.services.messages import (
    Filter,
    Flags,
    FullReader,
    NoSuchMessage,
    StoredMessage,
    Via,
    iso_time,
    message_object,
)
from ibconsole.services.runtime import parse_time
from ibconsole.services.setup.history import (
    HistorySource,
    HourCount,
    Timeline,
    TimelineEvent,
    find_recorded,
    timeline_of,
)

_FLAGS = {flag.name.lower(): flag for flag in Flags if flag.name}
_DAY_MS = 86_400_000
_MOST_HOURS, _MOST_DAYS = 72, 120

Cancelled = Callable[[], bool]


class SearchRefused(UserError):
    """A search for texts while texts are not shown, or one with a wrong argument."""


class _Search(ToolArguments, frozen=True):
    connection: ConnectionName = ""
    application: ApplicationName = ""
    via: Annotated[Via | None, msgspec.Meta(description="How it was received.")] = None
    since: Moment = ""
    until: Moment = ""
    sender: Annotated[
        str,
        msgspec.Meta(
            max_length=300, description="The pseudonym of an installation (installation-3)."
        ),
    ] = ""
    flag: Annotated[
        str,
        msgspec.Meta(description=f"Only messages with this flag: {', '.join(_FLAGS)}."),
    ] = ""
    text: Annotated[
        str,
        msgspec.Meta(max_length=500, description="A text in it; only if texts are shown."),
    ] = ""
    limit: Limit = 20
    before: Annotated[
        str,
        msgspec.Meta(max_length=200, description="Where to go on: `nextBefore` of a page."),
    ] = ""


class _OneMessage(ToolArguments, frozen=True):
    id: Annotated[int, msgspec.Meta(ge=1, description="The `id` of a message in a list.")]
    connection: ConnectionName = ""


class _Period(ToolArguments, frozen=True):
    application: ApplicationName
    connection: ConnectionName = ""
    since: Moment = ""
    until: Moment = ""
    offset: Offset = 0
    limit: Limit = 50


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    """A place in a search, as agents pass it on; `newest` is the first page's newest message."""

    id: int
    key: int
    scanned: bool
    newest: int


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    """Ids of messages with their sort keys, if any; `rest` is where to search on behind them."""

    ids: Sequence[int]
    keys: Sequence[int]
    is_cut: bool
    rest: Place | None
    newest: int

    def cursor_behind(self, shown: int) -> str | None:
        """Return the cursor behind this number of them, None if nothing follows."""
        if shown and (shown < len(self.ids) or self.is_cut):
            place = Place(self.ids[shown - 1], self.keys[shown - 1] if self.keys else 0)
        elif self.rest:
            place = self.rest
        else:
            return None
        return _write_cursor(place, self.newest)


class RecordTools:
    """Reads the archive on this disk, or that of a connection's team."""

    def __init__(
        self, offered: OfferedConnections, records: AgentRecords, redaction: AgentRedaction
    ) -> None:
        self._offered = offered
        self._records = records
        self._redaction = redaction

    @property
    def tools(self) -> list[AgentTool[Any]]:
        """The tools of this subject."""
        return [
            AgentTool(
                name="search_messages",
                title="Search stored messages",
                description=(
                    "List inbound messages that ibconsole has stored, the newest first. This reads"
                    " what was received before; it fetches nothing. Codes, installations and"
                    " subscribers are pseudonyms; texts are masked unless the user has chosen"
                    f" otherwise. {UNTRUSTED} {WHY_READS_ONLY}"
                ),
                arguments=_Search,
                run=self._search,
            ),
            AgentTool(
                name="show_message",
                title="Show one stored message",
                description=(
                    "Show one stored message with all fields that the platform sent, redacted as"
                    f" in a list. {UNTRUSTED}"
                ),
                arguments=_OneMessage,
                run=self._show,
            ),
            AgentTool(
                name="show_timeline",
                title="Show the timeline of an application",
                description=(
                    "Show what happened to an application, the newest first: changes of its setup,"
                    " calls made by ibconsole, forward tests, gaps, and numbers of messages by hour"
                    " or day. Everything is read from what is stored."
                ),
                arguments=_Period,
                run=self._timeline,
            ),
        ]

    async def _search(self, wanted: _Search, redaction: AnswerRedaction) -> dict[str, Any]:
        connection = await self._connection(wanted.connection)
        code = await self._code_of(wanted.application, connection) if wanted.application else ""
        criteria = self._criteria(wanted, connection, code)
        cursor = _read_cursor(wanted.before) if wanted.before else None
        names = {one.id: one.name for one in await self._offered.list_all()}

        def read(reader: FullReader, cancelled: Cancelled) -> dict[str, Any]:
            page = _read_page(reader, criteria, cursor, wanted.limit, cancelled)
            rows = fitting(_row(reader, one, redaction, names) for one in page.ids)
            return {"items": rows, "nextBefore": page.cursor_behind(len(rows))}

        found = await self._records.read_messages(connection, read)
        if found is None:
            return {"items": [], "nextBefore": None, "remarks": ["Nothing was received yet."]}
        return found

    async def _show(self, wanted: _OneMessage, redaction: AnswerRedaction) -> dict[str, Any]:
        connection = await self._connection(wanted.connection)

        def read(reader: FullReader, _: Cancelled) -> dict[str, Any] | None:
            stored = reader.message(wanted.id)
            if stored is None or not self._may_show(stored, connection):
                return None
            delivery = reader.delivery(stored.delivery)
            redaction.application(stored.application_code)
            redaction.learn_installation(stored.sender)
            described = message_object(stored, delivery.answer if delivery else None)
            return {"message": bounded(redaction.row(described, id=stored.id), LARGEST)}

        found = await self._records.read_messages(connection, read)
        if found is None:
            raise NoSuchMessage(f"There is no message {wanted.id} here.")
        return found

    async def _timeline(self, wanted: _Period, redaction: AnswerRedaction) -> dict[str, Any]:
        connection = await self._offered.find(wanted.connection)
        name, meaning = wanted.application, self._redaction.meaning_of(wanted.application)
        period = [parse_time(text) if text else None for text in (wanted.since, wanted.until)]

        def read(source: HistorySource) -> dict[str, Any]:
            code = meaning if meaning != name else find_recorded(source, name).application.code
            timeline = timeline_of(source, connection.id, code, *period)
            events = [*reversed(timeline.events)]
            page = page_of(
                events,
                lambda one: redaction.row(_event(one)),
                offset=wanted.offset,
                limit=wanted.limit,
            )
            return {
                "application": redaction.application(code),
                "recordedFrom": _time(timeline.recorded_from),
                "olderEventsLeftOut": timeline.left_out,
                "messages": _counts(timeline),
                "events": page.pop("items"),
                **page,
            }

        return await self._records.read_history(connection, read)

    async def _connection(self, name: str) -> OfferedConnection | None:
        """Return the connection to read; None for all that was received on this disk."""
        if not name and self._offered.are_all:
            offered = await self._offered.list_all()
            return offered[0] if len(offered) == 1 and offered[0].has_team else None
        return await self._offered.find(name)

    def _may_show(self, stored: StoredMessage, connection: OfferedConnection | None) -> bool:
        if self._offered.are_all or (connection and connection.has_team):
            return True
        return connection is not None and stored.connection == connection.id

    async def _code_of(self, name: str, connection: OfferedConnection | None) -> str:
        """Return the code of an application by its pseudonym, or by what the history has of it."""
        meaning = self._redaction.meaning_of(name)
        if meaning != name:
            return meaning
        return await self._records.read_history(
            connection, lambda source: find_recorded(source, name).application.code
        )

    def _criteria(self, wanted: _Search, connection: OfferedConnection | None, code: str) -> Filter:
        if wanted.text and not self._redaction.shows_texts:
            raise SearchRefused(
                "Texts cannot be searched, because this server does not show them. Its user starts"
                " it with --texts kept to allow it."
            )
        if wanted.flag and wanted.flag not in _FLAGS:
            raise SearchRefused(f"There is no such flag. There are: {', '.join(_FLAGS)}.")
        return Filter(
            text=wanted.text,
            application=code,
            sender=self._redaction.meaning_of(wanted.sender),
            via=wanted.via,
            flags=_FLAGS[wanted.flag] if wanted.flag else 0,
            connection=connection.id if connection else None,
            since=parse_time(wanted.since) if wanted.since else None,
            until=parse_time(wanted.until) if wanted.until else None,
        )


def _read_page(
    reader: FullReader, criteria: Filter, cursor: _Cursor | None, limit: int, cancelled: Cancelled
) -> _Page:
    """Return the newest matches before a place, the newest first."""
    if cursor:
        newest = cursor.newest
        place = Place(cursor.id, cursor.key, cursor.scanned)
        listing = reader.search_older(criteria, place, newest=newest, cancelled=cancelled)
    else:
        listing = reader.search(criteria, limit=limit, cancelled=cancelled)
        newest = listing.newest
    # A search with a limit and without a rest may have left out older matches.
    is_cut = cursor is None and len(listing.ids) >= limit
    ids, keys, rest = list(listing.ids), list(listing.keys), listing.rest
    while rest and len(ids) < limit and not cancelled():
        older = reader.search_older(criteria, rest, newest=newest, cancelled=cancelled)
        ids, keys, rest = [*older.ids, *ids], [*older.keys, *keys], older.rest
    is_cut = is_cut or len(ids) > limit
    start = max(0, len(ids) - limit)
    return _Page(
        ids=ids[start:][::-1], keys=keys[start:][::-1], is_cut=is_cut, rest=rest, newest=newest
    )


def _row(
    reader: FullReader, message: int, redaction: AnswerRedaction, names: dict[str, str]
) -> dict[str, Any]:
    stored = reader.message(message)
    if stored is None:
        return {"id": message, "withheld": "It was deleted meanwhile."}
    redaction.application(stored.application_code)
    redaction.learn_installation(stored.sender)
    shown = redaction.row(
        {
            "messageId": stored.message_id,
            "applicationCode": stored.application_code,
            "from": stored.sender,
            "keyword": stored.keyword,
            "text": stored.text,
        },
        id=stored.id,
        via=stored.via,
        arrivedAt=iso_time(stored.arrived_at),
        receivedAt=_time(stored.received_at),
        flags=[name for name, flag in _FLAGS.items() if stored.flags & flag],
    )
    if stored.connection in names:
        shown["connection"] = names[stored.connection]
    if stored.source:
        shown["receivedBy"] = stored.source
    return shown


def _event(event: TimelineEvent) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "after": _time(event.since),
        "at": _time(event.at),
        "title": event.title,
        "origin": event.origin,
        "failed": event.failed,
        "details": dict(event.details),
    }


def _counts(timeline: Timeline) -> list[dict[str, Any]]:
    """Return the numbers of messages by hour, or by day (UTC) where there are many; latest last."""
    hours: Sequence[HourCount] = timeline.hours
    by_day = len(hours) > _MOST_HOURS
    pulled, forwarded = Counter[int](), Counter[int]()
    for one in hours:
        at = one.at // _DAY_MS * _DAY_MS if by_day else one.at
        pulled[at] += one.pulled
        forwarded[at] += one.forwarded
    times = sorted({*pulled, *forwarded})[-_MOST_DAYS:]
    width = "day" if by_day else "hour"
    return [{width: _time(at), "pulled": pulled[at], "forwarded": forwarded[at]} for at in times]


def _time(at: int | None) -> str | None:
    return None if at is None else iso_time(at)


def _write_cursor(place: Place, newest: int) -> str:
    data = msgspec.json.encode(_Cursor(place.id, place.key, place.scanned, newest))
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _read_cursor(text: str) -> _Cursor:
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return msgspec.json.decode(data, type=_Cursor)
    except (ValueError, msgspec.DecodeError):
        raise SearchRefused("`before` is none that a page has given: begin without it.") from None
