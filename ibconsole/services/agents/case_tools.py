"""Tools about cases: what was pinned for a ticket, item by item, redacted as everything else."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from ibconsole.services.agents.access import OfferedConnections
from ibconsole.services.agents.bounds import LONGEST_PAGE, page_of
from ibconsole.services.agents.records import AgentRecords
from ibconsole.services.agents.redacting import AnswerRedaction
from ibconsole.services.agents.tools import UNTRUSTED, AgentTool, Limit, Offset, ToolArguments
from ibconsole.services.evidence.cases import (
    Case,
    CaseItem,
    CaseStore,
    CaseSummary,
    FindingContent,
    ForwardContent,
    ForwardTestContent,
    MessageContent,
    NoteContent,
    PictureContent,
    PullContent,
    SetupContent,
    TimelineContent,
)
from ibconsole.services.messages import iso_time

_MOST_EVENTS = 50


class _CasePage(ToolArguments, frozen=True):
    offset: Offset = 0
    limit: Limit = LONGEST_PAGE


class _OneCase(ToolArguments, frozen=True):
    case: Annotated[
        str,
        msgspec.Meta(max_length=300, description="The title or id of a case, or its beginning."),
    ]
    offset: Offset = 0
    limit: Limit = 20


class CaseTools:
    """Reads cases. There are none for a server of one connection: a case may be about others."""

    def __init__(
        self, data_directory: Path, offered: OfferedConnections, records: AgentRecords
    ) -> None:
        self._store = CaseStore(data_directory)
        self._are_offered = offered.are_all
        self._records = records

    @property
    def tools(self) -> list[AgentTool[Any]]:
        """The tools of this subject."""
        if not self._are_offered:
            return []
        return [
            AgentTool(
                name="list_cases",
                title="List cases",
                description=(
                    "List the cases that were begun in ibconsole: evidence that its user has pinned"
                    " for a ticket. No tool adds to a case, changes or exports one."
                ),
                arguments=_CasePage,
                run=self._list,
            ),
            AgentTool(
                name="show_case",
                title="Show a case",
                description=(
                    "Show the items of a case in the order of its user: messages, forwards, forward"
                    f" tests, findings, setups, timelines, notes. {UNTRUSTED}"
                ),
                arguments=_OneCase,
                run=self._show,
            ),
        ]

    async def _list(self, wanted: _CasePage, redaction: AnswerRedaction) -> dict[str, Any]:
        def show(one: CaseSummary) -> dict[str, Any]:
            return {
                "id": one.id,
                "title": redaction.text(one.title),
                "createdAt": iso_time(one.created_at),
                "changedAt": iso_time(one.changed_at),
                "items": one.items,
                **({"problem": redaction.text(one.problem)} if one.problem else {}),
            }

        def read() -> dict[str, Any]:
            return page_of(self._store.list(), show, offset=wanted.offset, limit=wanted.limit)

        return await self._records.run(read)

    async def _show(self, wanted: _OneCase, redaction: AnswerRedaction) -> dict[str, Any]:
        def read() -> dict[str, Any]:
            case = self._store.read(self._store.find(wanted.case))
            _learn(case, redaction)
            page = page_of(
                case.items,
                lambda one: _item(case, one, redaction),
                offset=wanted.offset,
                limit=wanted.limit,
            )
            return {"id": case.id, "title": redaction.text(case.title), **page}

        return await self._records.run(read)


def _learn(case: Case, redaction: AnswerRedaction) -> None:
    """Have the identifiers of all items replaced, in texts that name them, too."""
    for item in case.items:
        match item.content:
            case MessageContent(application_code=code, sender=sender):
                redaction.application(code)
                redaction.learn_installation(sender)
            case SetupContent(application_code=code):
                redaction.application(code)
            case FindingContent(finding=finding):
                redaction.application(finding.subject.application)
            case TimelineContent(timeline=timeline):
                redaction.application(timeline.application)


def _item(case: Case, item: CaseItem, redaction: AnswerRedaction) -> dict[str, Any]:
    described = _DESCRIPTIONS[type(item.content)](item.content, redaction)
    if isinstance(item.content, SetupContent):
        recording = case.recording(item.content.recording)
        described["recordedAt"] = _time(recording.at if recording else None)
    return redaction.row(
        {"title": item.title, "comment": item.comment, **described},
        kind=item.kind,
        addedAt=_time(item.added_at),
    )


def _message(content: MessageContent, redaction: AnswerRedaction) -> dict[str, Any]:
    exchange = content.exchange
    return {
        "via": content.via,
        "messageId": content.message_id,
        "applicationCode": content.application_code,
        "from": content.sender,
        "keyword": content.keyword,
        "text": content.text,
        "receivedAt": _time(content.received_at),
        "arrivedAt": _time(content.arrived_at),
        "flags": list(content.flags),
        "receivedBy": content.source,
        "exchange": _DESCRIPTIONS[type(exchange)](exchange, redaction) if exchange else None,
    }


def _forward(content: ForwardContent, redaction: AnswerRedaction) -> dict[str, Any]:
    return {
        "method": content.method,
        "target": redaction.url(content.target),
        "peer": content.peer,
        "beganAt": _time(content.began_at),
        "endedAt": _time(content.ended_at),
        "status": content.status,
        "complete": content.complete,
        "headers": _headers(content.request_headers),
        "answerHeaders": _headers(content.answer_headers),
        "answeredBy": content.answered_by,
        "planned": content.planned,
        "problem": content.problem,
    }


def _pull(content: PullContent, _: AnswerRedaction) -> dict[str, Any]:
    return {
        "beganAt": _time(content.began_at),
        "endedAt": _time(content.ended_at),
        "status": content.status,
        "complete": content.complete,
        "messages": content.messages,
        "pending": content.pending,
        "problem": content.problem,
    }


def _test(content: ForwardTestContent, redaction: AnswerRedaction) -> dict[str, Any]:
    return {
        "at": _time(content.at),
        "url": redaction.url(content.url),
        "status": content.status,
        "report": content.report,
    }


def _finding(content: FindingContent, redaction: AnswerRedaction) -> dict[str, Any]:
    finding = content.finding
    return {
        "number": finding.name,
        "severity": finding.level,
        "sentence": finding.sentence,
        "application": redaction.application(finding.subject.application),
        "name": finding.subject.application_name,
        "url": redaction.url(finding.subject.url),
        "evidence": [{"sentence": one.sentence, "at": _time(one.at)} for one in finding.evidence],
    }


def _setup(content: SetupContent, redaction: AnswerRedaction) -> dict[str, Any]:
    return {"application": redaction.application(content.application_code) or "all"}


def _timeline(content: TimelineContent, redaction: AnswerRedaction) -> dict[str, Any]:
    timeline = content.timeline
    return {
        "application": redaction.application(timeline.application),
        "name": content.application_name,
        "since": _time(timeline.since),
        "until": _time(timeline.until),
        "events": [
            {"at": _time(one.at), "kind": one.kind, "title": one.title, "failed": one.failed}
            for one in timeline.events[-_MOST_EVENTS:]
        ],
        "eventsLeftOut": max(0, len(timeline.events) - _MOST_EVENTS) + timeline.left_out,
    }


def _note(content: NoteContent, _: AnswerRedaction) -> dict[str, Any]:
    return {"note": content.text}


def _picture(content: PictureContent, _: AnswerRedaction) -> dict[str, Any]:
    return {"pane": content.pane, "note": "Pictures are not given: nothing in them is redacted."}


_DESCRIPTIONS: Mapping[type, Callable[[Any, AnswerRedaction], dict[str, Any]]] = {
    MessageContent: _message,
    ForwardContent: _forward,
    PullContent: _pull,
    ForwardTestContent: _test,
    FindingContent: _finding,
    SetupContent: _setup,
    TimelineContent: _timeline,
    NoteContent: _note,
    PictureContent: _picture,
}


def _headers(headers: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    """Return headers as redaction knows them: by a member for the name."""
    return [{"name": name, "value": value} for name, value in headers]


def _time(at: int | None) -> str | None:
    if at is None:
        return None
    try:
        return iso_time(at)
    except (ValueError, OverflowError, OSError):  # as no clock has it
        return f"{at} ms"
