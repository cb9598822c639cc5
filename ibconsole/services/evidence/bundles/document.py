"""A case as a document: sections of blocks, which Markdown and HTML write each in its way.

Times are in UTC, ISO 8601. Every text in it is plain text, which the writers escape.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import singledispatchmethod
from typing import Any, TypeAlias

import msgspec

from ibconsole.archive import undo_content_encoding
from ibconsole.plural import counted
from ibconsole.services.diagnosis import Facts, definition_of
from ibconsole.services.evidence.cases import (
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
    SetupContent,
    TimelineContent,
)
from ibconsole.services.evidence.har import instant_text
from ibconsole.text import escape_invisible

_LONGEST = 32 << 10  # characters of a body that are shown
_MOST_ROWS = 1_000
_BINARY = "It is no text"

Pairs: TypeAlias = Sequence[tuple[str, str]]


class Prose(msgspec.Struct, frozen=True):
    """A text of one or more paragraphs; that of a user may be Markdown."""

    text: str
    is_markdown: bool = False


class FactList(msgspec.Struct, frozen=True):
    """Names with their values; those without a value are left out."""

    pairs: Pairs


class Grid(msgspec.Struct, frozen=True):
    """A table."""

    headers: Sequence[str]
    rows: Sequence[Sequence[str]]


class Verbatim(msgspec.Struct, frozen=True):
    """Lines that are shown as they are, such as a body, under a caption."""

    caption: str
    text: str


class Image(msgspec.Struct, frozen=True):
    """A picture as PNG; `name` is that of its file in the bundle."""

    name: str
    data: bytes


Block: TypeAlias = Prose | FactList | Grid | Verbatim | Image


class Section(msgspec.Struct, frozen=True):
    """One item of the case: a title, the user's comment and its blocks."""

    title: str
    comment: str
    blocks: Sequence[Block]


class BlobFile(msgspec.Struct, frozen=True):
    """The name of a file in the bundle, and its bytes."""

    name: str
    data: bytes


class CaseDocument:
    """The document of a case; `find` returns the file of a blob, None if it was left out."""

    def __init__(self, case: Case, find: Callable[[Blob], BlobFile | None]) -> None:
        self.case = case
        self._find = find

    @property
    def introduction(self) -> FactList:
        """The case in a few facts."""
        case = self.case
        replaced = ", ".join(f"{one.kind} {one.count:,} times" for one in case.replaced)
        return FactList(
            (
                ("Case", case.id),
                ("Created", instant(case.created_at)),
                ("Changed", instant(case.changed_at)),
                ("Items", f"{len(case.items):,}"),
                ("Written by", f"ibconsole {case.program}"),
                ("Redaction", f"Secrets are masked. Replaced: {replaced or 'nothing'}."),
            )
        )

    @property
    def sections(self) -> Iterator[Section]:
        """The items in the user's order, one after the other."""
        for number, item in enumerate(self.case.items, start=1):
            yield Section(f"{number}. {item.title}", item.comment, self._blocks(item))

    def _blocks(self, item: CaseItem) -> Sequence[Block]:
        return list(self._of(item.content))

    @singledispatchmethod
    def _of(self, content: Any) -> Iterator[Block]:
        raise TypeError(content)

    @_of.register
    def _of_message(self, content: MessageContent) -> Iterator[Block]:
        yield FactList(
            (
                ("Application", content.application_code),
                ("Message id", content.message_id),
                ("Installation", content.sender),
                ("Keyword", content.keyword),
                ("Text", content.text),
                ("Received by the platform", instant(content.received_at)),
                ("Arrived", instant(content.arrived_at)),
                ("Came by", content.via),
                ("Account", content.account_name),
                ("Received by", content.source),
                ("Marks", ", ".join(content.flags)),
            )
        )
        yield from self._body("The message", content.body)
        if content.exchange:
            yield from self._of(content.exchange)

    @_of.register
    def _of_forward(self, content: ForwardContent) -> Iterator[Block]:
        yield FactList(
            (
                ("Request", f"{content.method or '(no HTTP)'} {content.target}"),
                ("From", content.peer),
                ("Began", instant(content.began_at)),
                ("Ended", instant(content.ended_at)),
                ("Complete", "yes" if content.complete else "no"),
                ("Status", _status(content.status)),
                ("Answered by rule", content.answered_by),
                ("Answer", content.planned),
                ("Answered after", f"{content.answer_seconds:g} s" if content.answered_by else ""),
                ("Problem", content.problem),
            )
        )
        yield from _headers("Headers of the request", content.request_headers)
        yield from self._body("Body of the request", content.request, content.request_headers)
        yield from _headers("Headers of the answer", content.answer_headers)
        yield from self._body("Body of the answer", content.answer, content.answer_headers)

    @_of.register
    def _of_pull(self, content: PullContent) -> Iterator[Block]:
        limit = "" if content.limit_asked is None else f"{content.limit_asked:,}"
        yield FactList(
            (
                ("Pull from", content.base_url),
                ("Began", instant(content.began_at)),
                ("Ended", instant(content.ended_at)),
                ("Limit", limit),
                ("Status", _status(content.status)),
                ("Complete", "yes" if content.complete else "no"),
                ("Messages", f"{content.messages:,}"),
                ("Announced", _number(content.announced)),
                ("Still waiting", _number(content.pending)),
                ("Problem", content.problem),
            )
        )
        yield from _headers("Headers of the answer", content.answer_headers)

    @_of.register
    def _of_test(self, content: ForwardTestContent) -> Iterator[Block]:
        report = content.report
        verdict = report.get("verdict")
        sentence = verdict.get("sentence", "") if isinstance(verdict, dict) else verdict
        yield FactList(
            (
                ("URL", content.url),
                ("Tested", instant(content.at)),
                ("Status", _status(content.status)),
                ("Verdict", str(sentence or "")),
                ("Sent as", str(report.get("sender") or "")),
                ("Problem", str(report.get("problem") or "")),
            )
        )
        if rows := list(_rungs(report.get("ladder"))):
            yield Grid(("Rung", "Result", "Sentence"), rows)
        yield from self._body("What was sent", content.payload)
        yield from self._body("Body of the answer", content.answer)

    @_of.register
    def _of_finding(self, content: FindingContent) -> Iterator[Block]:
        finding = content.finding
        try:
            definition = definition_of(finding.number)
        except LookupError:  # of a newer version
            definition = None
        yield Prose(finding.sentence)
        yield FactList(
            (
                ("Number", finding.name),
                ("Severity", finding.level),
                ("About", finding.subject.label),
                ("Confidence", str(finding.confidence)),
                ("Why", definition.why if definition else ""),
                ("Remedy", finding.remedy or (definition.remedy if definition else "")),
            )
        )
        if finding.evidence:
            rows = [(one.sentence, instant(one.at), one.where) for one in finding.evidence]
            yield Grid(("Evidence", "At", "Where"), rows)

    @_of.register
    def _of_setup(self, content: SetupContent) -> Iterator[Block]:
        recording = self.case.recording(content.recording)
        if recording is None:
            return
        facts = recording.facts
        yield FactList(
            (
                ("Account", facts.account.name),
                ("Base URL", facts.account.base_url),
                ("Read", instant(recording.at)),
            )
        )
        rows = list(_setup_rows(facts, content.application_code))
        yield Grid(("Application", "Code", "Configuration", "Action", "URL"), rows[:_MOST_ROWS])
        yield from _left_out(rows)

    @_of.register
    def _of_timeline(self, content: TimelineContent) -> Iterator[Block]:
        timeline = content.timeline
        pulled = sum(one.pulled for one in timeline.hours)
        forwarded = sum(one.forwarded for one in timeline.hours)
        yield FactList(
            (
                ("Application", content.application_name or timeline.application),
                ("Since", instant(timeline.since) or "everything that is known"),
                ("Until", instant(timeline.until)),
                ("Messages", f"{pulled:,} pulled, {forwarded:,} forwarded"),
            )
        )
        rows = [
            (
                instant(one.at),
                str(one.kind),
                one.title,
                "; ".join(f"{name}: {value}" for name, value in one.details),
            )
            for one in timeline.events
        ]
        if rows:
            yield Grid(("At", "Kind", "Event", "Details"), rows[:_MOST_ROWS])
        yield from _left_out(rows)
        if timeline.hours:
            hours = [
                (instant(one.at), f"{one.pulled:,}", f"{one.forwarded:,}") for one in timeline.hours
            ]
            yield Grid(("Hour", "Pulled", "Forwarded"), hours[:_MOST_ROWS])
            yield from _left_out(hours)

    @_of.register
    def _of_note(self, content: NoteContent) -> Iterator[Block]:
        yield Prose(content.text, is_markdown=True)

    @_of.register
    def _of_picture(self, content: PictureContent) -> Iterator[Block]:
        found = self._find(content.picture)
        if found:
            yield Image(found.name, found.data)
        else:
            yield Prose("The picture was left out: nothing in a picture can be redacted.")

    def _body(self, caption: str, blob: Blob | None, headers: Pairs = ()) -> Iterator[Block]:
        if blob is None:
            return
        found = self._find(blob)
        if found is None:
            yield Prose(f"{caption} ({counted(blob.size, 'byte')}) was left out.")
            return
        data, _ = undo_content_encoding(found.data, headers)
        try:
            text = _formatted(data)
        except UnicodeDecodeError:
            text = f"[{_BINARY}: {counted(blob.size, 'byte')}.]"
        if len(text) > _LONGEST:
            text = f"{text[:_LONGEST]}\n[cut here: the whole is {found.name}]"
        yield Verbatim(f"{caption} ({found.name})", escape_invisible(text))


def instant(at: int | None) -> str:
    """Return a time as text, empty for None."""
    return "" if at is None else instant_text(at)


def _formatted(data: bytes) -> str:
    """Return a body as text, JSON with a member on each line. Raises UnicodeDecodeError."""
    if len(data) <= _LONGEST:
        try:
            return msgspec.json.format(data, indent=2).decode()
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            pass
    return data.decode()


def _status(status: int | None) -> str:
    return "none" if status is None else str(status)


def _number(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _headers(caption: str, headers: Pairs) -> Iterator[Block]:
    if headers:
        lines = "\n".join(f"{name}: {value}" for name, value in headers)
        yield Verbatim(caption, escape_invisible(lines))


def _rungs(ladder: object) -> Iterator[Sequence[str]]:
    rungs = ladder.get("rungs", ()) if isinstance(ladder, dict) else ()
    for rung in rungs:
        if isinstance(rung, dict):
            yield tuple(str(rung.get(name, "")) for name in ("kind", "state", "sentence"))


def _setup_rows(facts: Facts, code: str) -> Iterator[Sequence[str]]:
    for one in facts.applications or ():
        application = one.application
        if code and application.code != code:
            continue
        start = (application.name, application.code)
        if not one.configurations:
            problem = one.problem.sentence if one.problem else ""
            yield (*start, problem or ("none" if one.configurations == () else "not read"), "", "")
        for configuration in one.configurations or ():
            if not configuration.actions:
                yield (*start, configuration.key, "none", "")
            for action in configuration.actions or ():
                yield (*start, configuration.key, action.type, action.forward_url)


def _left_out(rows: Sequence[Sequence[str]]) -> Iterator[Block]:
    if len(rows) > _MOST_ROWS:
        left = len(rows) - _MOST_ROWS
        yield Prose(f"{left:,} more rows are in case.json.")
