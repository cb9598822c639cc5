"""Redaction of a whole case: a case without secrets, with redacted copies of its files.

Identifiers are replaced everywhere, also in texts, once any part has shown what they are. So the
case is redacted twice: what the first time has found is learned before the second. Items in which a
secret can be found then, in another spelling, are redacted once more, text by text, which is slow.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import singledispatchmethod
from typing import Any

import msgspec
from msgspec.structs import replace

from ibconsole import __version__
from ibconsole.archive import Progress, ProgressCallback
from ibconsole.model import encode
from ibconsole.secret import Secret
from ibconsole.services.diagnosis import Facts
from ibconsole.services.evidence.bundles.fact_redaction import ValueRedaction
from ibconsole.services.evidence.bundles.url_redaction import UrlRedaction
from ibconsole.services.evidence.cases import (
    PICTURE_TYPE,
    Blob,
    Case,
    CaseContent,
    CaseItem,
    FindingContent,
    ForwardContent,
    ForwardTestContent,
    MessageContent,
    NoteContent,
    PictureContent,
    PullContent,
    Recording,
    ReplacedCount,
    SetupContent,
    TimelineContent,
)
from ibconsole.services.evidence.redaction import (
    KnownSecret,
    KnownSecrets,
    Pseudonyms,
    Redaction,
    RedactionRules,
    Replacement,
    ReplacementKind,
    TextChoice,
    secret_parts,
)

_STAGE = "Redacting"
_JSON = (("Content-Type", "application/json"),)
_MOST_PARTS = 20
_SHORTEST_PART = 6  # characters of a secret in a URL that is searched for

# Stores the bytes of one file of the export: of which item, what they are, and their media type.
Keep = Callable[[str, bytes, str], Blob]
ReadBlob = Callable[[Blob], bytes]


def ignore_progress(_: Progress) -> None:
    """Do nothing about progress."""


class CaseFiles(msgspec.Struct, frozen=True):
    """The files of a case: `read` returns the bytes of one, and `keep` gets the redacted ones."""

    read: ReadBlob
    keep: Keep


class ExportChoices(msgspec.Struct, frozen=True, kw_only=True):
    """The choices of one export. Secrets are masked whatever they are.

    `texts` is about texts and keywords of messages, `payloads` about custom payload and callback
    data, `other_bodies` about bodies that are no JSON, form or text that is understood. With
    `message_ids` the ids of messages become pseudonyms, too. Nothing in `pictures` can be redacted.
    Without `raw` the bytes of bodies are left out.
    """

    texts: TextChoice = TextChoice.MASKED
    payloads: TextChoice = TextChoice.MASKED
    other_bodies: TextChoice = TextChoice.MASKED
    message_ids: bool = False
    pictures: bool = False
    raw: bool = True

    @property
    def rules(self) -> RedactionRules:
        """The rules of redaction."""
        return RedactionRules(
            texts=self.texts,
            payloads=self.payloads,
            other_bodies=self.other_bodies,
            message_ids=self.message_ids,
        )


class RedactedCase(msgspec.Struct, frozen=True):
    """A case after redaction, what was replaced, and what the final scan must not find."""

    case: Case
    replacements: Sequence[Replacement]
    guarded: KnownSecrets


def redact_case(
    case: Case,
    files: CaseFiles,
    choices: ExportChoices,
    pseudonyms: Pseudonyms,
    secrets: KnownSecrets,
    on_progress: ProgressCallback = ignore_progress,
) -> RedactedCase:
    """Redact a case and its files.

    `on_progress` is called before each item; an exception that it raises ends the redaction.
    """
    secrets = secrets.joined_with(_secrets_of(case))
    forgetting = CaseFiles(files.read, forget_bytes)
    first = CaseRedaction(forgetting, choices, pseudonyms, secrets, on_progress)
    first.learn_from(case)
    first.case(case)

    def redact_once(strict: Collection[str]) -> tuple[Case, CaseRedaction]:
        redaction = CaseRedaction(files, choices, pseudonyms, secrets, on_progress)
        for identifier, kind in first.redaction.learned.items():
            redaction.redaction.learn(kind, identifier)
        return redaction.case(case, strict), redaction

    redacted, second = redact_once(())
    if leaking := second.leaking(redacted):
        redacted, second = redact_once(leaking)
    replacements = second.redaction.replacements
    counts: dict[str, int] = {}
    for one in replacements:
        counts[one.kind] = counts.get(one.kind, 0) + one.count
    replaced = tuple(ReplacedCount(kind=kind, count=count) for kind, count in counts.items())
    return RedactedCase(
        replace(redacted, replaced=replaced), replacements, second.redaction.guarded
    )


class CaseRedaction:
    """Redacts the parts of a case by what they are; places are named by the number of the item."""

    def __init__(
        self,
        files: CaseFiles,
        choices: ExportChoices,
        pseudonyms: Pseudonyms,
        secrets: KnownSecrets,
        on_progress: ProgressCallback = ignore_progress,
    ) -> None:
        self._on_progress = on_progress
        self.redaction = Redaction(secrets, choices.rules, pseudonyms)
        self._urls = UrlRedaction(self.redaction, pseudonyms.salt)
        self._values = ValueRedaction(self.redaction, self._urls, choices.rules)
        self._read = files.read
        self._keep = files.keep
        self._choices = choices
        self._place = ""

    def learn_from(self, case: Case) -> None:
        """Learn the codes and the installations that the fields of the case name."""
        for recording in case.recordings:
            for one in recording.facts.applications or ():
                self.redaction.learn(ReplacementKind.APPLICATION, one.application.code)
        for item in case.items:
            if isinstance(item.content, MessageContent):
                self.redaction.learn(ReplacementKind.INSTALLATION, item.content.sender)

    def case(self, case: Case, strict: Collection[str] = ()) -> Case:
        """Return the case after redaction; items and recordings of these ids text by text."""
        items, recordings = [], []
        total = len(case.items) + len(case.recordings)
        for number, item in enumerate(case.items, start=1):
            self._on_progress(Progress(_STAGE, number, total))
            self.redaction.is_strict = item.id in strict
            items.append(self._item(number, item))
        for number, recording in enumerate(case.recordings, start=1):
            self._on_progress(Progress(_STAGE, len(case.items) + number, total))
            self.redaction.is_strict = recording.id in strict
            recordings.append(self._recording(number, recording))
        self.redaction.is_strict = True
        return replace(
            case,
            title=self._urls.text(case.title, "title"),
            program=__version__,
            items=tuple(items),
            recordings=tuple(recordings),
            redacted=True,
        )

    def leaking(self, case: Case) -> Collection[str]:
        """Return the ids of items and recordings in which a secret can be found."""
        parts: list[CaseItem | Recording] = [*case.items, *case.recordings]
        return {one.id for one in parts if self.redaction.leaks(encode(msgspec.to_builtins(one)))}

    def _recording(self, number: int, recording: Recording) -> Recording:
        facts = self._values.struct(recording.facts, f"recording {number}")
        return replace(recording, facts=facts)

    def _item(self, number: int, item: CaseItem) -> CaseItem:
        self._place = f"item {number}"
        return replace(
            item,
            title=self._urls.text(item.title, f"{self._place} title"),
            comment=self._urls.text(item.comment, f"{self._place} comment"),
            content=self._content(item.content),
        )

    @singledispatchmethod
    def _content(self, content: Any) -> Any:
        raise TypeError(content)

    @_content.register
    def _of_message(self, content: MessageContent) -> MessageContent:
        values, at = self._values, self._place
        return replace(
            content,
            **self._texts(content, "connection", "account_name", "via", "source"),
            application_code=values.code(content.application_code, at),
            message_id=values.message_id(content.message_id, at),
            sender=values.installation(content.sender, at),
            keyword=values.message_text("keyword", content.keyword, at),
            text=values.message_text("text", content.text, at),
            flags=tuple(self._urls.text(flag, at) for flag in content.flags),
            body=self._body(content.body, _JSON, "message"),
            exchange=self._content(content.exchange) if content.exchange else None,
        )

    @_content.register
    def _of_forward(self, content: ForwardContent) -> ForwardContent:
        at = self._place
        headers, request = self._message(content.request_headers, content.request, "request")
        if content.request and not content.method:
            raw = self.redaction.redact_message(self._read(content.request), f"{at} request")
            request = self._kept("request", raw, content.request)
        answer_headers, answer = self._message(content.answer_headers, content.answer, "answer")
        return replace(
            content,
            **self._texts(content, "connection", "via", "method", "peer", "answered_by"),
            **self._texts(content, "planned", "problem", "origin"),
            target=self._urls.url(content.target, f"{at} target"),
            request_headers=headers,
            request=request,
            answer_headers=answer_headers,
            answer=answer,
        )

    @_content.register
    def _of_pull(self, content: PullContent) -> PullContent:
        at = self._place
        return replace(
            content,
            **self._texts(content, "connection", "problem", "origin"),
            base_url=self._urls.url(content.base_url, f"{at} base URL"),
            answer_headers=self.redaction.redact_headers(content.answer_headers, f"{at} answer"),
        )

    @_content.register
    def _of_test(self, content: ForwardTestContent) -> ForwardTestContent:
        listed = content.report.get("headers")
        headers = [
            (str(one[0]), str(one[1]))
            for one in (listed if isinstance(listed, list | tuple) else ())
            if isinstance(one, list | tuple) and len(one) == 2
        ]
        _, answer = self._message(headers, content.answer, "answer")
        return replace(
            content,
            url=self._urls.url(content.url, f"{self._place} URL"),
            payload=self._body(content.payload, _JSON, "payload"),
            answer=answer,
            report=self._values.plain(content.report, f"{self._place} report"),
        )

    @_content.register
    def _of_finding(self, content: FindingContent) -> FindingContent:
        finding = self._values.struct(content.finding, f"{self._place} finding")
        return replace(content, finding=finding)

    @_content.register
    def _of_setup(self, content: SetupContent) -> SetupContent:
        code = self._values.code(content.application_code, self._place)
        return replace(content, application_code=code)

    @_content.register
    def _of_timeline(self, content: TimelineContent) -> TimelineContent:
        return replace(
            content,
            timeline=self._values.struct(content.timeline, f"{self._place} timeline"),
            application_name=self._urls.text(content.application_name, f"{self._place} name"),
        )

    @_content.register
    def _of_note(self, content: NoteContent) -> NoteContent:
        return replace(content, text=self._urls.text(content.text, f"{self._place} note"))

    @_content.register
    def _of_picture(self, content: PictureContent) -> PictureContent:
        picture = replace(content.picture, sha256="", media_type=PICTURE_TYPE)
        if self._choices.pictures:
            data = self._read(content.picture)
            picture = self._keep(f"{self._place} picture", data, PICTURE_TYPE)
        return replace(
            content, picture=picture, pane=self._urls.text(content.pane, f"{self._place} pane")
        )

    def _texts(self, content: CaseContent, *names: str) -> dict[str, str]:
        """Redact fields that hold a text of the program or its user."""
        return {
            name: self._urls.text(getattr(content, name), f"{self._place} {name}") for name in names
        }

    def _message(
        self, headers: Sequence[tuple[str, str]], blob: Blob | None, what: str
    ) -> tuple[tuple[tuple[str, str], ...], Blob | None]:
        """Redact the headers and the body of a request or an answer."""
        data = self._read(blob) if blob else b""
        content = self.redaction.redact_content(data, headers, f"{self._place} {what}")
        return content.headers, self._kept(what, content.body, blob) if blob else None

    def _body(self, blob: Blob, headers: tuple[tuple[str, str], ...], what: str) -> Blob:
        place = f"{self._place} {what}"
        return self._kept(what, self.redaction.redact_body(self._read(blob), headers, place), blob)

    def _kept(self, what: str, data: bytes, blob: Blob) -> Blob:
        if not self._choices.raw:
            return Blob(sha256="", size=len(data), media_type=self._media_type(blob))
        return self._keep(f"{self._place} {what}", data, self._media_type(blob))

    def _media_type(self, blob: Blob) -> str:
        return self._urls.text(blob.media_type, f"{self._place} media type")


def forget_bytes(_: str, data: bytes, media_type: str) -> Blob:
    """Keep nothing, as for a preview."""
    digest = hashlib.sha256(data).hexdigest()
    return Blob(sha256=digest, size=len(data), media_type=media_type)


def case_urls(case: Case) -> Sequence[str]:
    """Return every URL and target of a request in the fields of a case, each once."""
    return list(dict.fromkeys(url for url in _urls_of(case) if url))


def _urls_of(case: Case) -> Iterator[str]:
    for recording in case.recordings:
        yield from _urls_of_facts(recording.facts)
    for item in case.items:
        content: object = item.content
        if isinstance(content, MessageContent):
            content = content.exchange
        if isinstance(content, ForwardContent):
            yield content.target
        elif isinstance(content, ForwardTestContent):
            yield content.url


def _urls_of_facts(facts: Facts) -> Iterator[str]:
    yield from facts.endpoints
    yield from facts.console.owners
    for application in facts.applications or ():
        for configuration in application.configurations or ():
            for action in (*(configuration.actions or ()), *configuration.borrowed):
                yield action.forward_url


def _secrets_of(case: Case) -> KnownSecrets:
    """Return the secrets in the URLs of a case, for texts that name one without its URL.

    Only of some: in a URL each is masked anyway, and every search takes longer for each of them.
    """
    parts: Mapping[str, None] = dict.fromkeys(
        part for url in case_urls(case) for part in secret_parts(url)
    )
    secrets = tuple(
        KnownSecret("secret in a URL", Secret(part))
        for part in parts
        if len(part) >= _SHORTEST_PART
    )
    return KnownSecrets(secrets=secrets)
