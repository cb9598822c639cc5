"""The texts of an item's history: summary, entries and answers, with masked codes and secrets."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import Any

import msgspec

from ibconsole.errors import Severity
from ibconsole.plural import counted
from ibconsole.services.redelivery import (
    Anchor,
    AnswerNote,
    Attempt,
    DecisionNote,
    EntryKind,
    ItemHistory,
    ItemState,
    LedgerEntry,
    RedeliveryAnswer,
)
from ibconsole.services.request_log import mask_body_codes, redact_body, redact_headers, redact_url
from ibconsole.ui.redelivery.items_table import (
    answer_text_of,
    decision_text,
    state_of_item,
    tone_of_item,
)
from ibconsole.ui.toolkit import byte_size, one_line, times
from ibconsole.ui.viewers import BoundedText, Fact, RecordKind, Remark, Summary, format_json

_MEANINGS = {
    ItemState.WAITING: "It waits to be sent.",
    ItemState.SENDING: "It is being sent.",
    ItemState.ACKNOWLEDGED: "The endpoint acknowledged it.",
    ItemState.UNDELIVERED: "It was not delivered, and no attempt is left.",
    ItemState.UNKNOWN: (
        "It was sent and no whole answer came: it may have been delivered. It is not sent again"
        " without a decision."
    ),
    ItemState.SKIPPED: "It is not sent.",
}
_CONTENTS: dict[EntryKind, type[msgspec.Struct]] = {
    EntryKind.ANCHOR: Anchor,
    EntryKind.ATTEMPT: Attempt,
    EntryKind.ANSWER: AnswerNote,
    EntryKind.DECISION: DecisionNote,
}


def summary_of_item(history: ItemHistory, application: str, zone: tzinfo | None) -> Summary:
    """Return what is known of an item, and what its state means."""
    item = history.item
    facts = (
        Fact("Message ID", one_line(item.message_id), is_code=True),
        Fact("Application", one_line(application)),
        Fact("Message", f"No. {item.message:,}", link=(RecordKind.MESSAGE, item.message)),
        Fact("Attempts", f"{item.attempts:,}"),
        Fact("Last answer", answer_text_of(item)),
        Fact("Decision", decision_text(item)),
        Fact("Next attempt", _due(history, zone)),
        Fact("Changed", times.exact(item.changed_at, zone) if item.changed_at else ""),
        Fact("Job", f"{item.job:,}"),
        Fact("Entries", counted(item.entries, "entry", "entries")),
        Fact("Last hash", item.hash, is_code=True),
    )
    return Summary(
        title=state_of_item(item).capitalize(),
        lead="",
        remarks=(Remark(_remark_tone(history), _MEANINGS[item.state]),),
        sections=(("", tuple(fact for fact in facts if fact.value)),),
    )


def describe_entry(entry: LedgerEntry) -> str:
    """Return an entry of the ledger in one line; its content as it is if it cannot be read."""
    try:
        content = msgspec.json.decode(entry.content, type=_CONTENTS[entry.kind])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return one_line(entry.content)
    return one_line(", ".join(filter(None, _parts(content))))


def entry_in_full(entry: LedgerEntry, code: str) -> BoundedText:
    """Return the content of an entry, and the hash that covers it; `code` is the application's."""
    content = format_json(_masked(_without_secrets(entry.content), code))
    return msgspec.structs.replace(
        content, text=f"{content.text}\n\nHash of this entry: {entry.hash}"
    )


def outcome_of(answer: RedeliveryAnswer) -> str:
    """Return an answer in one line: its status and reason, and what was wrong with it."""
    status = "" if answer.status is None else f"{answer.status} {answer.reason}".strip()
    return one_line(" \N{MIDDLE DOT} ".join(filter(None, (status or "No answer", answer.problem))))


def answer_in_full(answer: RedeliveryAnswer, code: str) -> BoundedText:
    """Return the head and the body of an answer, secrets and codes masked."""
    body = redact_body(_masked(answer.body, code), answer.headers)
    shown = format_json(body) if body else BoundedText()
    lines = [outcome_of(answer)]
    lines += [one_line(f"{name}: {value}") for name, value in redact_headers(answer.headers)]
    notes = [shown.note] if body else ["The answer has no body."]
    if answer.size > len(answer.body):
        kept, size = byte_size(len(answer.body)), byte_size(answer.size)
        notes.append(f"The first {kept} of {size} were kept.")
    if not answer.complete:
        notes.append("It was not read to its end.")
    text = "\n".join((*lines, "", shown.text))
    return BoundedText(text, " ".join(filter(None, notes)), coloured=False)


def _masked(data: bytes, code: str) -> bytes:
    return mask_body_codes(data, code.encode()) if code else mask_body_codes(data)


def _without_secrets(content: str) -> bytes:
    """Return the JSON of an entry with the secrets of its URL masked."""
    data = content.encode(errors="replace")
    try:
        fields = msgspec.json.decode(data, type=dict[str, Any])
    except msgspec.MsgspecError:
        return data
    if isinstance(url := fields.get("url"), str):
        fields["url"] = redact_url(url)
    return msgspec.json.encode(fields)


def _due(history: ItemHistory, zone: tzinfo | None) -> str:
    item = history.item
    is_repeated = item.state is ItemState.WAITING and item.attempts and item.due_at
    return times.exact(item.due_at, zone) if is_repeated else ""


def _remark_tone(history: ItemHistory) -> Severity:
    tone = tone_of_item(history.item)
    return Severity.INFO if tone is Severity.MUTED else tone


def _parts(content: object) -> Iterable[str]:
    match content:
        case Anchor():
            yield f"message {content.message:,} of {content.via} {content.delivery:,}"
            yield f"key {content.key}" if content.key else ""
            yield f"SHA-256 {content.message_sha256}"
        case Attempt():
            yield f"attempt {content.attempt:,} {content.form}"
            yield f"{counted(content.messages, 'message')} in {byte_size(content.size)}"
            yield f"SHA-256 {content.sha256}"
        case AnswerNote():
            yield content.outcome.value
            yield "" if content.status is None else str(content.status)
            yield content.problem
            yield times.duration(content.seconds)
        case DecisionNote():
            yield f"{content.decision.value} by {content.by}"
            yield content.reason


def compared_pair(answers: Sequence[RedeliveryAnswer]) -> tuple[int, int] | None:
    """Return the ids of two answers to compare, the older first; None unless there are two."""
    ids = sorted(answer.id for answer in answers)
    return (ids[0], ids[1]) if len(ids) == 2 else None
