"""Lookup of what links lead to: messages in the shown record or on this disk, and findings."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from ibconsole.archive import Filter, Listing, MessageRow, StoredMessage
from ibconsole.services.diagnosis import Finding
from ibconsole.services.filtering import FieldName, FieldTerm, to_criteria
from ibconsole.services.links.links import FindingLink, MessageLink, code_digest
from ibconsole.services.team.reading import RecordSource, is_team_id

_MOST = 50  # messages with one message id that are looked at, the newest ones


class MessageNames(msgspec.Struct, frozen=True):
    """A message, None if it is gone, and the UUID of this disk's archive.

    The UUID is empty for a message of a team's record, whose numbers mean nothing elsewhere.
    """

    message: StoredMessage | None
    archive: str


class LinkedDisk(Protocol):
    """The archive on this disk."""

    async def identity(self) -> str: ...
    async def message(self, message: int, /) -> StoredMessage | None: ...


class LinkedRecord(Protocol):
    """The record that is shown: that of the open connection's team, or this disk's."""

    @property
    def source(self) -> RecordSource: ...
    async def message(self, message: int, /) -> StoredMessage | None: ...
    async def search(self, criteria: Filter, /, *, limit: int) -> Listing: ...
    async def fetch_rows(self, ids: Sequence[int], /) -> list[MessageRow]: ...


class LinkLookup:
    """Finds the messages of links, and names messages for links. Methods may raise ArchiveError."""

    def __init__(self, disk: LinkedDisk, record: LinkedRecord) -> None:
        self._disk = disk
        self._record = record

    async def find_message(self, link: MessageLink) -> int | None:
        """Return the id of the message; None if it is not here.

        A number counts in its own archive alone, and only if the message has the message id of the
        link. Otherwise the newest message with that id is meant, of the link's application if
        there is one. While a team's record is shown, its message is preferred.
        """
        if self._record.source.is_shared:
            return await self._find_by_id(link) or await self._find_by_number(link)
        return await self._find_by_number(link) or await self._find_by_id(link)

    async def names(self, message: int) -> MessageNames:
        """Return what names a message in a link."""
        archive = "" if is_team_id(message) else await self._disk.identity()
        return MessageNames(await self._record.message(message), archive)

    async def _find_by_number(self, link: MessageLink) -> int | None:
        if not link.number or await self._disk.identity() != link.archive:
            return None
        found = await self._disk.message(link.number)
        if found is None or (link.message_id and found.message_id != link.message_id):
            return None
        return found.id

    async def _find_by_id(self, link: MessageLink) -> int | None:
        if not link.message_id:
            return None
        term = FieldTerm(field=FieldName.MESSAGE_ID, value=link.message_id)
        listing = await self._record.search(to_criteria(term, {}, Filter()), limit=_MOST)
        ids = list(reversed(listing.ids))
        rows = await self._record.fetch_rows(ids) if len(ids) > 1 and link.application else []
        named = (one.id for one in rows if code_digest(one.application_code) == link.application)
        return next(named, ids[0] if ids else None)


def choose_finding(link: FindingLink, findings: Sequence[Finding]) -> Finding | None:
    """Return the finding of a link; None if it is not among these.

    On another computer the fingerprint differs: then it is the first of this number about the same
    application.
    """

    def is_about(finding: Finding) -> bool:
        code = finding.subject.application
        digest = code_digest(code) if code else ""
        return finding.number == link.number and digest == link.application

    exact = (one for one in findings if one.id == link.fingerprint)
    return next(exact, None) or next(filter(is_about, findings), None)
