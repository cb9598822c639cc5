"""The summary of a message or a delivery: its facts in a readable order."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from types import MappingProxyType

from msgspec.structs import replace

from ibconsole.errors import Severity
from ibconsole.model import Message, Undecodable, parse, read_message
from ibconsole.plural import counted
from ibconsole.services.messages import Delivery, Flags, StoredMessage, Via
from ibconsole.services.request_log import mask_body_codes, mask_codes
from ibconsole.services.team.reading import is_team_id, number_of
from ibconsole.text import escape_invisible, mask_code
from ibconsole.ui.inspector.delivery_page import answered
from ibconsole.ui.toolkit import times
from ibconsole.ui.viewers import Fact, RecordKind, Remark, Summary

MAX_TEXT = 4000  # characters of a text in a label
_NARROW = 32  # characters that fit into a narrow pane


NameLookup = Callable[[str], str]


def message_summary(
    message: StoredMessage,
    delivery: Delivery | None,
    name_of: NameLookup,
    now: int,
    zone: tzinfo | None = None,
    related: Mapping[str, int] = MappingProxyType({}),
) -> Summary:
    """Summarize a message; `name_of` returns the name of an application by its code.

    `related` are the ids of the messages that this one answers, by their message IDs, if they
    are in the archive. `now` is in milliseconds since the epoch. Parses the body: not for the
    GUI's thread.
    """
    try:
        read = read_message(parse(message.body))
    except Undecodable:
        read = Message()
    sections = (
        ("", _content(message, read, name_of)),
        ("Answers", _answered(read, related)),
        ("When", _when(message, now, zone)),
        ("Source", _provenance(message, delivery)),
    )
    code = message.application_code
    return Summary(
        title=f"Message {number_of(message.id)}",
        lead=shortened(mask_codes(message.text, (code,), mask_code)),
        remarks=_remarks(message, read),
        sections=tuple(
            (title, tuple(_without_code(fact, code) for fact in facts))
            for title, facts in _non_empty(sections)
        ),
    )


def delivery_summary(
    delivery: Delivery, now: int, zone: tzinfo | None = None, *, trailing: bytes = b""
) -> Summary:
    """Summarize a pull or a forwarded request.

    `trailing` is the part of a truncated body after its last complete message.
    """
    remarks = (Remark(Severity.WARNING, delivery.problem),) if delivery.problem else ()
    cut = (
        Fact(
            "Received part",
            _break_lines(shortened(mask_body_codes(trailing).decode(errors="replace"))),
        ),
        Fact("", "It was cut off, so it is not a message. The platform does not send it again."),
    )
    request = (
        Fact("Request", f"{delivery.method} {delivery.target}".strip(), is_code=True),
        Fact("From", delivery.peer, is_code=True),
        Fact("Base URL", delivery.base_url, is_code=True),
        Fact("Limit", "" if delivery.limit_asked is None else str(delivery.limit_asked)),
        Fact(
            "Arrived" if delivery.via is Via.FORWARD else "Asked",
            *_instant(delivery.began_at, zone),
        ),
        Fact("Age", times.age(delivery.began_at, now)),
        Fact("Duration", times.lag(delivery.began_at, delivery.ended_at or delivery.began_at)),
    )
    answer = (
        Fact("Answered", answered(delivery)),
        Fact("Messages", f"{delivery.message_count:,} stored"),
        Fact("Announced", "" if delivery.announced is None else f"{delivery.announced:,}"),
        Fact("Still waiting", "" if delivery.pending is None else f"{delivery.pending:,}"),
        Fact("Body", f"{delivery.size:,} bytes{'' if delivery.complete else ', cut'}"),
        Fact("SHA-256", delivery.sha256, is_code=True),
        *_origin(delivery),
    )
    headers = tuple(Fact(name, value, is_code=True) for name, value in delivery.headers)
    sections = (
        ("", request),
        ("Outcome", answer),
        ("Truncated message", cut if trailing else ()),
        ("Headers", headers),
    )
    kind = "Forwarded request" if delivery.via is Via.FORWARD else "Pull"
    return Summary(
        title=f"{kind} {number_of(delivery.id)}",
        lead="",
        remarks=remarks,
        sections=_non_empty(sections),
    )


def shortened(text: str) -> str:
    """Escape invisible characters, and cut the text to what a label can show."""
    shown = escape_invisible(text[:MAX_TEXT])
    return f"{shown}…" if len(text) > MAX_TEXT else shown


def _content(message: StoredMessage, read: Message, name_of: NameLookup) -> tuple[Fact, ...]:
    code, receiver = message.application_code, shortened(read.receiver)
    return (
        Fact("Keyword", shortened(message.keyword), is_searched=True),
        Fact("Without keyword", _unless_equal(read.clean_text, message.text)),
        Fact("From", shortened(message.sender), is_code=True, is_searched=True),
        Fact("Subscriber", shortened(read.subscriber_id), is_code=True),
        Fact("Application", name_of(code) if code else ""),
        Fact("Application code", code, is_code=True, is_secret=True),
        # The platform may repeat the code here, which is a credential there too.
        Fact("To", receiver, is_code=True, is_secret=read.receiver == code),
        Fact("Message ID", shortened(message.message_id), is_code=True, is_searched=True),
        Fact("Bulk ID", shortened(read.bulk_id), is_code=True),
        Fact("Callback data", shortened(read.callback_data), is_code=True),
        Fact("Custom payload", "" if read.custom_payload is None else "Yes, see JSON"),
    )


def _origin(delivery: Delivery) -> tuple[Fact, ...]:
    """Return who received it, and the archive in which it was stored first."""
    label = "Stored first in" if is_team_id(delivery.id) else "Imported from"
    return (Fact("Received by", delivery.source), Fact(label, delivery.origin, is_code=True))


def _answered(read: Message, related: Mapping[str, int]) -> tuple[Fact, ...]:
    """Return the message IDs that this one answers, with links to those in the archive."""
    facts = []
    for label, named in (
        ("Reply to", read.initial_message_id),
        ("Paired with", read.paired_message_id),
    ):
        number = related.get(named)
        text = f"Message {number_of(number)}" if number else "Not in this archive"
        facts += [
            Fact(label, shortened(named), is_code=True),
            Fact("", text if named else "", link=(RecordKind.MESSAGE, number) if number else None),
        ]
    return tuple(facts)


def related_ids(message: StoredMessage) -> tuple[str, ...]:
    """Return the message IDs that a message answers. Parses the body."""
    try:
        read = read_message(parse(message.body))
    except Undecodable:
        return ()
    return tuple(filter(None, (read.initial_message_id, read.paired_message_id)))


def _when(message: StoredMessage, now: int, zone: tzinfo | None) -> tuple[Fact, ...]:
    received = message.received_at
    return (
        Fact("Received", *_instant(received, zone))
        if received is not None
        else Fact("Received", "Not known: the platform gave no readable time"),
        Fact("Arrived here", *_instant(message.arrived_at, zone)),
        Fact("Age", times.age(received or message.arrived_at, now)),
        Fact("Lag", times.lag(received, message.arrived_at)),
    )


def _provenance(message: StoredMessage, delivery: Delivery | None) -> tuple[Fact, ...]:
    how = "Pulled" if message.via is Via.PULL else "Forwarded to the listener"
    first = message.duplicate_of
    if not delivery:
        return (Fact("Via", f"{how}, delivery {number_of(message.delivery)}"),)
    of = f"message {message.position + 1} of {delivery.message_count}"
    request = f"{delivery.method} {delivery.target}".strip()
    kind = "Pull" if delivery.via is Via.PULL else "Request"
    return (
        Fact("Via", f"{how}, {of}"),
        Fact(
            "Part of", f"{kind} {number_of(delivery.id)}", link=(RecordKind.DELIVERY, delivery.id)
        ),
        Fact(
            "Duplicate of",
            f"Message {number_of(first)}" if first else "",
            link=(RecordKind.MESSAGE, first or 0),
        ),
        Fact("Position", _position(message, delivery)),
        Fact("SHA-256 of body", delivery.sha256, is_code=True),
        *_origin(delivery),
        Fact("Request", request, is_code=True),
        Fact("Sent by", delivery.peer, is_code=True),
        Fact("Account", delivery.base_url, is_code=True),
        Fact("Answered", answered(delivery)),
        Fact("Still waiting", "" if delivery.pending is None else f"{delivery.pending:,} then"),
        Fact("Problem", delivery.problem),
    )


def _position(message: StoredMessage, delivery: Delivery) -> str:
    """Return size and offset in the body, for a compressed body after decompression."""
    if message.start is None or message.size is None:
        return ""
    size = counted(message.size, "byte")
    compressed = any(name.lower() == "content-encoding" for name, _ in delivery.headers)
    return f"{size} from byte {message.start:,} of the {'decompressed ' if compressed else ''}body"


def _remarks(message: StoredMessage, read: Message) -> tuple[Remark, ...]:
    found = []
    if message.flags & Flags.DUPLICATE:
        first = f", as message {message.duplicate_of}" if message.duplicate_of else ""
        found.append(Remark(Severity.INFO, f"Duplicate: this message ID arrived before{first}."))
    if message.flags & Flags.SALVAGED:
        found.append(
            Remark(
                Severity.WARNING,
                "Salvaged: taken from a body that was cut or broken and may have contained more.",
            )
        )
    if message.flags & Flags.NOT_A_MESSAGE:
        found.append(
            Remark(Severity.WARNING, "This is not a message as the platform documents it.")
        )
    if message.flags & Flags.ODD:
        notes = "; ".join(read.oddities) or "its delivery is not as documented (see Problem)"
        found.append(Remark(Severity.WARNING, f"Unusual: {shortened(notes)}."))
    if message.received_at is not None and message.arrived_at < message.received_at:
        found.append(
            Remark(
                Severity.INFO, "It arrived before it was received: one of the two clocks is wrong."
            )
        )
    return tuple(found)


def _without_code(fact: Fact, code: str) -> Fact:
    """Mask the application's code in a value that repeats it; a secret is masked as such."""
    if fact.is_secret or not code or code not in fact.value:
        return fact
    return replace(fact, value=mask_codes(fact.value, (code,), mask_code))


def _break_lines(text: str) -> str:
    """Break a text into lines for a narrow pane: JSON has few places to wrap at."""
    starts = range(0, len(text), _NARROW)
    return "\n".join(text[start : start + _NARROW] for start in starts)


def _unless_equal(text: str, shown: str) -> str:
    return shortened(text) if text != shown else ""


def _instant(instant: int | None, zone: tzinfo | None) -> tuple[str, str]:
    return times.exact(instant, zone), times.iso(instant)


def _non_empty(
    sections: tuple[tuple[str, tuple[Fact, ...]], ...],
) -> tuple[tuple[str, tuple[Fact, ...]], ...]:
    """Leave out facts without a value, and sections without a fact."""
    filled = ((title, tuple(fact for fact in facts if fact.value)) for title, facts in sections)
    return tuple((title, facts) for title, facts in filled if facts)
