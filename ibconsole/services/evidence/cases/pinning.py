"""Pinning: items of a case, made of what the program has, with copies of everything that they show.

Every function blocks on the disk, and on the record that it reads.
"""

from collections.abc import Sequence
from typing import Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec

from ibconsole.archive import Delivery, Flags, ForwardTestRecord, StoredMessage, Via
from ibconsole.clock import now_ms
from ibconsole.model import GivenAnswer, content_type_of
from ibconsole.plural import counted
from ibconsole.services.diagnosis import Facts, Finding, definition_of
from ibconsole.services.evidence.cases.documents import CaseError
from ibconsole.services.evidence.cases.store import CaseStore
from ibconsole.services.evidence.cases.values import (
    PICTURE_TYPE,
    AnyContent,
    Blob,
    Case,
    CaseItem,
    FindingContent,
    ForwardContent,
    ForwardTestContent,
    MessageContent,
    NoteContent,
    PictureContent,
    PullContent,
    Recording,
    SetupContent,
    TimelineContent,
)
from ibconsole.services.request_log import Entry
from ibconsole.services.setup.history import Timeline

JSON_TYPE = "application/json"
_PNG = b"\x89PNG\r\n\x1a\n"
_ANY_BYTES = "application/octet-stream"
_UNCHANGED = "The case was not changed."


class NotPinned(CaseError):
    """Something is not there any more, or is nothing that can be pinned."""


class PinReader(Protocol):
    """The record of this disk or of a team, as pinning reads it; see `archive.Reader`."""

    def message(self, message: int) -> StoredMessage | None: ...
    def delivery(self, delivery: int) -> Delivery | None: ...
    def delivery_body(self, delivery: int) -> bytes: ...
    def delivery_raw(self, delivery: int) -> bytes: ...
    def identity(self) -> str: ...


class Pins:
    """Pins things to one case; each method returns the items that were added.

    Raises CaseError if the case cannot be written, and NotPinned.
    """

    def __init__(self, store: CaseStore, case_id: str, *, comment: str = "") -> None:
        self._store = store
        self._case_id = case_id
        self._comment = comment

    def message(self, reader: PinReader, message: int, account_name: str = "") -> CaseItem:
        """Pin a message with the request that brought it. Raises ArchiveError as well."""
        stored = reader.message(message)
        if stored is None:
            raise NotPinned(f"There is no message {message} in this archive. {_UNCHANGED}")
        delivery = reader.delivery(stored.delivery)
        content = MessageContent(
            connection=stored.connection or "",
            account_name=account_name,
            via=stored.via,
            application_code=stored.application_code,
            message_id=stored.message_id,
            sender=stored.sender,
            keyword=stored.keyword,
            text=stored.text,
            received_at=stored.received_at,
            arrived_at=stored.arrived_at,
            flags=tuple(one.name.lower() for one in Flags if stored.flags & one and one.name),
            source=stored.source,
            body=self._blob(stored.body, JSON_TYPE),
            exchange=self._exchange(reader, delivery) if delivery else None,
        )
        return self._add(f"Message {stored.message_id or message}", content)

    def delivery(self, reader: PinReader, delivery: int) -> CaseItem:
        """Pin a forward with its answer, or a pull without its messages."""
        found = reader.delivery(delivery)
        if found is None:
            raise NotPinned(f"There is no delivery {delivery} in this archive. {_UNCHANGED}")
        content = self._exchange(reader, found)
        status = "no status" if found.status is None else f"status {found.status}"
        noun = "Forward" if found.via is Via.FORWARD else "Pull"
        return self._add(f"{noun} of {counted(found.message_count, 'message')}, {status}", content)

    def request(self, entry: Entry) -> CaseItem:
        """Pin a request of the program, as its log has it: without its credential."""
        headers, answer_headers = tuple(entry.request_headers), tuple(entry.answer_headers)
        duration = round(entry.duration * 1000)
        content = ForwardContent(
            connection=entry.connection,
            via="request",
            method=entry.method,
            target=entry.url,
            began_at=entry.started_at,
            ended_at=entry.started_at + duration,
            status=entry.status,
            complete=entry.answer_size <= len(entry.answer_body),
            request_headers=headers,
            request=self._body(entry.request_body, headers),
            answer_headers=answer_headers,
            answer=self._body(entry.answer_body, answer_headers),
            answer_seconds=entry.duration,
            problem=entry.problem,
        )
        status = "no answer" if entry.status is None else f"status {entry.status}"
        return self._add(f"{entry.purpose or 'Request'}: {entry.method}, {status}", content)

    def forward_test(self, record: ForwardTestRecord) -> CaseItem:
        """Pin a forward test; one that is not recorded yet is made a record of by `to_record`."""
        report = msgspec.json.decode(record.facts)
        headers = tuple((name, value) for name, value in report.get("headers", ()))
        content = ForwardTestContent(
            at=record.at,
            url=record.url,
            status=record.status,
            payload=self._blob(record.payload, JSON_TYPE),
            answer=self._body(record.answer, headers),
            report=report,
        )
        status = "no answer" if record.status is None else f"status {record.status}"
        return self._add(f"Forward test of {_host_of(record.url)}, {status}", content)

    def findings(self, facts: Facts, findings: Sequence[Finding]) -> Sequence[CaseItem]:
        """Pin findings together with the facts that led to them, which are kept once."""
        recording = self._recording(facts)
        added = [
            self._item(_title(one), FindingContent(finding=one, recording=recording.id))
            for one in findings
        ]
        return self._store_items(added, recording)

    def setup(self, facts: Facts, application_code: str = "") -> CaseItem:
        """Pin the setup of one application, or of all, with everything else that the rules read."""
        recording, noun = self._recording(facts), f"all applications of {facts.account.name}"
        if application_code:
            known = [one.application for one in facts.applications or ()]
            names = [one.name for one in known if one.code == application_code]
            if not names:
                raise NotPinned(f"The application is not in these facts. {_UNCHANGED}")
            noun = names[0] or "an application"
        content = SetupContent(application_code=application_code, recording=recording.id)
        [added] = self._store_items([self._item(f"Setup of {noun}", content)], recording)
        return added

    def timeline(self, timeline: Timeline, application_name: str = "") -> CaseItem:
        """Pin a range of the timeline of an application."""
        content = TimelineContent(timeline=timeline, application_name=application_name)
        return self._add(f"Timeline of {application_name or 'an application'}", content)

    def note(self, text: str) -> CaseItem:
        """Add a note of the user, in Markdown."""
        return self._add("Note", NoteContent(text=text))

    def picture(self, data: bytes, pane: str = "") -> CaseItem:
        """Pin a picture, which has to be PNG."""
        if not data.startswith(_PNG):
            raise NotPinned(f"The picture is no PNG. {_UNCHANGED}")
        content = PictureContent(picture=self._blob(data, PICTURE_TYPE), pane=pane)
        return self._add(f"Picture of {pane}" if pane else "Picture", content)

    def _exchange(self, reader: PinReader, found: Delivery) -> ForwardContent | PullContent:
        origin = found.origin or f"{reader.identity()}:{found.id}"
        if found.via is Via.PULL:
            return PullContent(
                connection=found.connection or "",
                base_url=found.base_url,
                began_at=found.began_at,
                ended_at=found.ended_at,
                limit_asked=found.limit_asked,
                status=found.status,
                complete=found.complete,
                answer_headers=found.headers,
                messages=found.message_count,
                announced=found.announced,
                pending=found.pending,
                problem=found.problem,
                origin=origin,
            )
        body = reader.delivery_body(found.id) if found.method else reader.delivery_raw(found.id)
        return self._answered(
            found.answer,
            ForwardContent(
                connection=found.connection or "",
                via=found.via,
                method=found.method,
                target=found.target,
                peer=found.peer,
                began_at=found.began_at,
                ended_at=found.ended_at,
                status=found.status,
                complete=found.complete,
                request_headers=found.headers,
                request=self._body(body, found.headers),
                problem=found.problem,
                origin=origin,
            ),
        )

    def _answered(self, answer: GivenAnswer | None, content: ForwardContent) -> ForwardContent:
        if answer is None:
            return content
        planned = answer.planned
        return msgspec.structs.replace(
            content,
            answer_headers=planned.headers,
            answer=self._body(planned.body, planned.headers),
            answered_by=planned.rule,
            planned=planned.phrase,
            answer_delay=planned.delay,
            answer_end=planned.end,
            answer_hold=planned.seconds,
            answer_seconds=answer.sent.seconds if answer.sent else 0.0,
            answer_sent=answer.sent.size if answer.sent else 0,
            answer_outcome=answer.sent.outcome if answer.sent else "",
        )

    def _body(self, data: bytes, headers: Sequence[tuple[str, str]]) -> Blob | None:
        return self._blob(data, content_type_of(tuple(headers)) or _ANY_BYTES) if data else None

    def _blob(self, data: bytes, media_type: str) -> Blob:
        return self._store.add_blob(self._case_id, data, media_type)

    def _recording(self, facts: Facts) -> Recording:
        """Return the recording of the case that has these facts already, else a new one."""
        for one in self._store.read(self._case_id).recordings:
            if one.facts == facts:
                return one
        return Recording(id=str(uuid4()), at=facts.now, facts=facts)

    def _item(self, title: str, content: AnyContent) -> CaseItem:
        return CaseItem(
            id=str(uuid4()), added_at=now_ms(), title=title, comment=self._comment, content=content
        )

    def _add(self, title: str, content: AnyContent) -> CaseItem:
        item = self._item(title, content)
        self._store_items([item])
        return item

    def _store_items(
        self, items: Sequence[CaseItem], recording: Recording | None = None
    ) -> Sequence[CaseItem]:
        def change(case: Case) -> Case:
            return case.with_items(*items, recording=recording)

        self._store.change(self._case_id, change)
        return items


def _title(finding: Finding) -> str:
    try:
        return f"{finding.name}: {definition_of(finding.number).title}"
    except LookupError:  # of a newer version
        return finding.name


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2] or "a URL"
    except ValueError:
        return "a URL"
