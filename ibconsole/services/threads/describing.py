"""Threads as JSON and as the cells of a table, for the terminal. Times are ISO 8601 in UTC."""

from collections.abc import Iterator, Sequence
from typing import Any

from ibconsole.plural import counted
from ibconsole.services.messages import iso_time
from ibconsole.services.threads.arranging import (
    FollowedThread,
    RemarkKind,
    Silence,
    ThreadEntry,
    duration,
)

HEADERS = ("ID", "TIME", "LAG", "VIA", "ANSWER", "KEYWORD", "TEXT", "REMARKS")
_KEYWORD, _TEXT = 16, 60  # characters of a cell
_REMARKS = {
    RemarkKind.DUPLICATE: "arrived again",
    RemarkKind.BOTH_WAYS: "came by both ways",
    RemarkKind.PAIR_MISSING: "named message not in this record",
    RemarkKind.REFUSED: "forward not answered 2xx",
}


def thread_object(thread: FollowedThread) -> dict[str, Any]:
    """Return a thread as a JSON object; keys are in camel case."""
    subject = thread.subject
    return {
        "follows": subject.kind.value,
        "value": subject.value,
        "ids": list(subject.ids),
        "complete": thread.is_complete,
        "olderLeftOut": thread.is_capped,
        "messages": [_entry_object(one) for one in thread.entries],
        "silences": [_silence_object(one) for one in thread.silences],
        "remarks": {kind.value: count for kind, count in thread.remarks.items()},
    }


def thread_rows(thread: FollowedThread) -> Iterator[Sequence[str]]:
    """Yield the cells of each message and of each silence, in the order of time."""
    before = {one.before: one for one in thread.silences}
    for entry in thread.entries:
        if silence := before.get(entry.id):
            yield _silence_row(silence)
        yield _entry_row(entry)
    if last := before.get(None):
        yield _silence_row(last)


def remark_names(entry: ThreadEntry) -> str:
    """Return what is remarkable about a message, in a few words."""
    names = [_REMARKS[kind] for kind in dict.fromkeys(one.kind for one in entry.remarks)]
    names += [f"sent again: {one.phrase}" for one in entry.redelivered]
    return "; ".join(names)


def describe_thread(thread: FollowedThread) -> str:
    """Describe a thread in a sentence or two, without its value."""
    count, found = len(thread.entries), thread.remarks
    parts = [counted(count, "message")]
    if thread.silences:
        parts.append(counted(len(thread.silences), "silence"))
    parts += [f"{found[kind]:,} {_REMARKS[kind]}" for kind in RemarkKind if found.get(kind)]
    sentence = f"{', '.join(parts)}."
    if thread.is_capped:
        sentence += f" Only the newest {count:,} are kept; older ones are left out."
    return sentence


def lag_of(entry: ThreadEntry) -> str:
    """Return the time between receipt and arrival; empty if that of receipt is not known."""
    received = entry.message.received_at
    if received is None:
        return ""
    difference = entry.message.arrived_at - received
    return f"-{duration(-difference)}" if difference < 0 else duration(difference)


def _entry_object(entry: ThreadEntry) -> dict[str, Any]:
    message, ids = entry.message, entry.ids
    received = message.received_at
    return {
        "id": message.id,
        "delivery": message.delivery,
        "messageId": message.message_id,
        "pairedMessageId": ids.paired_message_id,
        "initialMessageId": ids.initial_message_id,
        "from": message.sender,
        "subscriberId": ids.subscriber_id,
        "applicationCode": message.application_code,
        "keyword": message.keyword,
        "text": message.text,
        "receivedAt": None if received is None else iso_time(received),
        "arrivedAt": iso_time(message.arrived_at),
        "lagMs": None if received is None else message.arrived_at - received,
        "via": message.via.value,
        "connection": message.connection,
        "receivedBy": message.source,
        "answered": entry.answered,
        "rule": entry.rule,
        "remarks": [{"kind": one.kind.value, "sentence": one.sentence} for one in entry.remarks],
        "sentAgain": [
            {
                "job": one.job,
                "host": one.host,
                "state": one.state,
                "attempts": one.attempts,
                "status": one.status,
                "changedAt": iso_time(one.changed_at),
            }
            for one in entry.redelivered
        ],
    }


def _silence_object(silence: Silence) -> dict[str, Any]:
    return {
        "since": iso_time(silence.since),
        "until": None if silence.until is None else iso_time(silence.until),
        "lastedMs": silence.lasted_ms,
        "usualMs": silence.usual_ms,
        "before": silence.before,
        "sentence": silence.sentence,
    }


def _entry_row(entry: ThreadEntry) -> Sequence[str]:
    message = entry.message
    return (
        str(message.id),
        iso_time(entry.at),
        lag_of(entry),
        message.via.value,
        entry.answer,
        message.keyword[:_KEYWORD],
        message.text[:_TEXT],
        remark_names(entry),
    )


def _silence_row(silence: Silence) -> Sequence[str]:
    return ("", iso_time(silence.since), "", "", "", "", "", silence.sentence)
