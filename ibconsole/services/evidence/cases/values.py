"""The values of a case: what was pinned for a ticket, with copies of everything that it shows.

The format of `case.json`; its schema is docs/case.schema.json. Fields are added, never renamed or
removed. All times are milliseconds since the epoch, UTC; all sizes are bytes. Bodies are no part of
these values: they are files of the case, named by their hash.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import msgspec
from msgspec.structs import replace

from ibconsole.services.diagnosis import Facts, Finding
from ibconsole.services.setup.history import Timeline

FORMAT = "ibconsole-case/1"
PICTURE_TYPE = "image/png"

Headers: TypeAlias = tuple[tuple[str, str], ...]


class Blob(msgspec.Struct, frozen=True, kw_only=True):
    """The bytes of a body or a picture: a file of the case, named by its SHA-256.

    The hash is empty if an export has left the file out.
    """

    sha256: str
    size: int
    media_type: str = ""


class CaseContent(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """The content of an item; the subclasses are its kinds."""

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """The files of the case that belong to it."""
        return ()


class ForwardContent(CaseContent, frozen=True, kw_only=True, tag="forward"):
    """A request that the listener received, with its answer.

    `method` is empty for a request that is no HTTP: `request` has every byte of it then, else its
    body. `answered_by` is the rule that answered, empty for the usual answer, of which no bytes are
    kept. `planned` is what the rule wanted in words: its `answer_delay`, the `answer_end` with the
    duration `answer_hold` of a hang or a slow drip. `answer_seconds` is the time until the answer
    was sent, `answer_sent` the number of its bytes, `answer_outcome` what became of it, empty if
    that is not known. Durations are seconds. `origin` names the delivery in every archive.
    """

    connection: str = ""
    via: str = "forward"
    method: str = ""
    target: str = ""
    peer: str = ""
    began_at: int
    ended_at: int | None = None
    status: int | None = None
    complete: bool = True
    request_headers: Headers = ()
    request: Blob | None = None
    answer_headers: Headers = ()
    answer: Blob | None = None
    answered_by: str = ""
    planned: str = ""
    answer_delay: float = 0.0
    answer_end: str = ""
    answer_hold: float = 0.0
    answer_seconds: float = 0.0
    answer_sent: int = 0
    answer_outcome: str = ""
    problem: str = ""
    origin: str = ""

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """The bodies of the request and of the answer."""
        return tuple(one for one in (self.request, self.answer) if one)


class PullContent(CaseContent, frozen=True, kw_only=True, tag="pull"):
    """The pull that took a message, without its body, which has messages that were not pinned.

    `announced` and `pending` are the platform's own figures.
    """

    connection: str = ""
    base_url: str = ""
    began_at: int
    ended_at: int | None = None
    limit_asked: int | None = None
    status: int | None = None
    complete: bool = True
    answer_headers: Headers = ()
    messages: int = 0
    announced: int | None = None
    pending: int | None = None
    problem: str = ""
    origin: str = ""


class MessageContent(CaseContent, frozen=True, kw_only=True, tag="message"):
    """A message, with the request that brought it.

    `body` is its JSON as the platform sent it. `flags` are the names of the archive's marks.
    `source` is who received it if that was another member of a team.
    """

    connection: str = ""
    account_name: str = ""
    via: str = ""
    application_code: str = ""
    message_id: str = ""
    sender: str = ""
    keyword: str = ""
    text: str = ""
    received_at: int | None = None
    arrived_at: int
    flags: tuple[str, ...] = ()
    source: str = ""
    body: Blob
    exchange: ForwardContent | PullContent | None = None

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """The message itself, and the bodies of its exchange."""
        return (self.body, *(self.exchange.blobs if self.exchange else ()))


class ForwardTestContent(CaseContent, frozen=True, kw_only=True, tag="test"):
    """A forward test. `answer` are the bytes received; `report` is everything else about it."""

    at: int
    url: str
    status: int | None = None
    payload: Blob
    answer: Blob | None = None
    report: Mapping[str, Any] = msgspec.field(default_factory=dict)

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """The body that was sent, and the bytes that came back."""
        return tuple(one for one in (self.payload, self.answer) if one)


class FindingContent(CaseContent, frozen=True, kw_only=True, tag="finding"):
    """A finding of the diagnosis; `recording` is the id of the facts that led to it."""

    finding: Finding
    recording: str = ""


class SetupContent(CaseContent, frozen=True, kw_only=True, tag="setup"):
    """The setup of one application, or of all for an empty code, as a recording has it."""

    application_code: str = ""
    recording: str


class TimelineContent(CaseContent, frozen=True, kw_only=True, tag="timeline"):
    """A range of the timeline of an application."""

    timeline: Timeline
    application_name: str = ""


class NoteContent(CaseContent, frozen=True, kw_only=True, tag="note"):
    """A note of the user, in Markdown."""

    text: str


class PictureContent(CaseContent, frozen=True, kw_only=True, tag="picture"):
    """A picture of a pane, or any other one, as PNG. Nothing in it can be redacted."""

    picture: Blob
    pane: str = ""

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """The picture."""
        return (self.picture,)


AnyContent: TypeAlias = (
    MessageContent
    | ForwardContent
    | PullContent
    | ForwardTestContent
    | FindingContent
    | SetupContent
    | TimelineContent
    | NoteContent
    | PictureContent
)


class CaseItem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was pinned, with the user's comment. `id` is unique in its case."""

    id: str
    added_at: int
    title: str
    comment: str = ""
    content: AnyContent

    @property
    def kind(self) -> str:
        """The kind of its content: `message`, `finding`."""
        return str(self.content.__struct_config__.tag)


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the rules of the diagnosis read about an account, at one time.

    The same rules find the same numbers in it again, without network and secret.
    """

    id: str
    at: int
    facts: Facts


class ReplacedCount(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of what redaction has replaced, and how often."""

    kind: str
    count: int


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case. `items` are in the user's order, `program` is the version that wrote it.

    `recordings` are those that items refer to. An exported case is `redacted`, unless that was
    declined, and `replaced` counts what was replaced then.
    """

    format: str
    id: str
    title: str
    created_at: int
    changed_at: int
    program: str = ""
    items: tuple[CaseItem, ...] = ()
    recordings: tuple[Recording, ...] = ()
    redacted: bool = False
    replaced: tuple[ReplacedCount, ...] = ()

    @property
    def blobs(self) -> Iterator[Blob]:
        """The files that its items refer to, in their order; each once, without those left out."""
        found = {blob.sha256: blob for item in self.items for blob in item.content.blobs}
        return (blob for name, blob in found.items() if name)

    def item(self, item_id: str) -> CaseItem | None:
        """Return the item with this id, None if there is none."""
        return next((one for one in self.items if one.id == item_id), None)

    def recording(self, recording_id: str) -> Recording | None:
        """Return the recording with this id, None if there is none."""
        return next((one for one in self.recordings if one.id == recording_id), None)

    def with_items(self, *added: CaseItem, recording: Recording | None = None) -> "Case":
        """Return the case with items at its end, and the recording that they refer to."""
        recordings = self.recordings
        if recording and not self.recording(recording.id):
            recordings = (*recordings, recording)
        return replace(self, items=(*self.items, *added), recordings=recordings)

    def with_item(self, changed: CaseItem) -> "Case":
        """Return the case with an item in place of the one with its id."""
        items = tuple(changed if one.id == changed.id else one for one in self.items)
        return replace(self, items=items)

    def without_item(self, item_id: str) -> "Case":
        """Return the case without an item, and without recordings that no item refers to."""
        items = tuple(one for one in self.items if one.id != item_id)
        used = {getattr(one.content, "recording", "") for one in items}
        recordings = tuple(one for one in self.recordings if one.id in used)
        return replace(self, items=items, recordings=recordings)

    def with_item_at(self, item_id: str, place: int) -> "Case":
        """Return the case with an item moved to a place, counted from 0."""
        moved = self.item(item_id)
        if moved is None:
            return self
        rest = [one for one in self.items if one.id != item_id]
        rest.insert(max(0, place), moved)
        return replace(self, items=tuple(rest))


def json_schema() -> str:
    """Return the JSON Schema of `case.json`, as docs/case.schema.json has it."""
    schema = msgspec.json.schema(Case)
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
