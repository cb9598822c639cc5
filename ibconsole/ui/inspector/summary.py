"""What there is to say of a message or a delivery, as facts in a readable order."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from types import MappingProxyType

from ibconsole.model import Message, Undecodable, parse, read_message
from ibconsole.services.messages import Delivery, Flags, StoredMessage
from ibconsole.text import escape_invisible
from ibconsole.ui.toolkit import times
from ibconsole.ui.viewers import Fact, Remark, Summary

LONGEST = 4000  # characters of a text that a label is given
_NARROW = 32


Naming = Callable[[str], str]


def message_summary(
    message: StoredMessage,
    delivery: Delivery | None,
    naming: Naming,
    now: int,
    zone: tzinfo | None = None,
    related: Mapping[str, int] = MappingProxyType({}),
) -> Summary:
    """Everything about a message but its JSON; `naming` names an application by its code.

    `related` are the messages that it answers, as far as they are here: ids by message id.

    Reads the body, so it is not for the GUI's thread.
    """
    try:
        read = read_message(parse(message.body))
    except Undecodable:
        read = Message()
    facts = (
        ("", _from_message(message, read, naming)),
        ("Answers", _answered(read, related)),
        ("When", _when(message, now, zone)),
        ("How it came", _provenance(message, delivery)),
    )
    return Summary(
        title=f"Message {message.id}",
        lead=shortened(message.text),
        remarks=_remarks(message, read),
        sections=tuple((title, known) for title, given in facts if (known := _known(given))),
    )


def delivery_summary(
    delivery: Delivery, now: int, zone: tzinfo | None = None, *, rest: bytes = b""
) -> Summary:
    """Everything about a pull or a forwarded request but its bytes.

    `rest` is what stands in a cut body behind its last whole message.
    """
    remarks = (Remark("warning", delivery.problem),) if delivery.problem else ()
    cut = (
        Fact("As far as it came", _broken(shortened(rest.decode(errors="replace")))),
        Fact("", "No message: it was cut, and the platform does not hand it out again."),
    )
    request = (
        Fact("Request", f"{delivery.method} {delivery.target}".strip(), is_code=True),
        Fact("From", delivery.peer, is_code=True),
        Fact("Base URL", delivery.base_url, is_code=True),
        Fact("Limit", "" if delivery.limit_asked is None else str(delivery.limit_asked)),
        Fact(
            "Arrived" if delivery.via == "forward" else "Asked",
            *_instant(delivery.began_at, zone),
        ),
        Fact("Age", times.age(delivery.began_at, now)),
        Fact("Took", times.lag(delivery.began_at, delivery.ended_at or delivery.began_at)),
    )
    answer = (
        Fact("Answered", "" if delivery.status is None else str(delivery.status)),
        Fact("Messages", f"{delivery.message_count:,} stored"),
        Fact("Announced", "" if delivery.announced is None else f"{delivery.announced:,}"),
        Fact("Still waiting", "" if delivery.pending is None else f"{delivery.pending:,}"),
        Fact("Body", f"{delivery.size:,} bytes{'' if delivery.complete else ', cut'}"),
        Fact("SHA-256", delivery.sha256, is_code=True),
        Fact("Imported from", delivery.origin, is_code=True),
    )
    headers = tuple(Fact(name, value, is_code=True) for name, value in delivery.headers)
    sections = (
        ("", request),
        ("Outcome", answer),
        ("What was cut", cut if rest else ()),
        ("Headers", headers),
    )
    return Summary(
        title=f"{'Forwarded request' if delivery.via == 'forward' else 'Pull'} {delivery.id}",
        lead="",
        remarks=remarks,
        sections=tuple((title, known) for title, given in sections if (known := _known(given))),
    )


def shortened(text: str) -> str:
    """The text, without what would confuse the eye, and not longer than a label can bear."""
    shown = escape_invisible(text[:LONGEST])
    return f"{shown}…" if len(text) > LONGEST else shown


def _from_message(message: StoredMessage, read: Message, naming: Naming) -> tuple[Fact, ...]:
    code, receiver = message.application_code, shortened(read.receiver)
    return (
        Fact("Keyword", shortened(message.keyword)),
        Fact("Without keyword", _if_other(read.clean_text, message.text)),
        Fact("From", shortened(message.sender), is_code=True),
        Fact("Subscriber", shortened(read.subscriber_id), is_code=True),
        Fact("Application", naming(code) if code else ""),
        Fact("Application code", code, is_code=True, is_secret=True),
        # Where the platform repeats the code here, it is no less a credential.
        Fact("To", receiver, is_code=True, is_secret=read.receiver == code),
        Fact("Message id", shortened(message.message_id), is_code=True),
        Fact("Bulk id", shortened(read.bulk_id), is_code=True),
        Fact("Callback data", shortened(read.callback_data), is_code=True),
        Fact("Custom payload", "" if read.custom_payload is None else "Yes, see JSON"),
    )


def _answered(read: Message, related: Mapping[str, int]) -> tuple[Fact, ...]:
    """What this is the answer to: its message id, and the message if it is here."""
    facts = []
    for label, named in (
        ("Reply to", read.initial_message_id),
        ("Paired with", read.paired_message_id),
    ):
        here = related.get(named)
        words = f"Message {here}" if here else "Not in this archive"
        facts += [
            Fact(label, shortened(named), is_code=True),
            Fact("", words if named else "", leads_to=("message", here) if here else None),
        ]
    return tuple(facts)


def related_ids(message: StoredMessage) -> tuple[str, ...]:
    """The message ids of those that a message answers. Reads the body."""
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
    how = "Pulled" if message.via == "pull" else "Forwarded to the listener"
    first = message.duplicate_of
    if not delivery:
        return (Fact("Via", f"{how}, delivery {message.delivery}"),)
    of = f"message {message.position + 1} of {delivery.message_count}"
    request = f"{delivery.method} {delivery.target}".strip()
    kind = "Pull" if delivery.via == "pull" else "Request"
    return (
        Fact("Via", f"{how}, {of}"),
        Fact("All of it", f"{kind} {delivery.id}", leads_to=("delivery", delivery.id)),
        Fact("First one", f"Message {first}" if first else "", leads_to=("message", first or 0)),
        Fact("Place", _place(message, delivery)),
        Fact("SHA-256 of all", delivery.sha256, is_code=True),
        Fact("Imported from", delivery.origin, is_code=True),
        Fact("Request", request, is_code=True),
        Fact("Sent by", delivery.peer, is_code=True),
        Fact("Account", delivery.base_url, is_code=True),
        Fact("Answered", "" if delivery.status is None else str(delivery.status)),
        Fact("Still waiting", "" if delivery.pending is None else f"{delivery.pending:,} then"),
        Fact("Problem", delivery.problem),
    )


def _place(message: StoredMessage, delivery: Delivery) -> str:
    """Where it stands in the body; packed ones are counted as unpacked."""
    if message.start is None or message.size is None:
        return ""
    size = "1 byte" if message.size == 1 else f"{message.size:,} bytes"
    packed = any(name.lower() == "content-encoding" for name, _ in delivery.headers)
    return f"{size} from byte {message.start:,} of the {'unpacked ' if packed else ''}body"


def _remarks(message: StoredMessage, read: Message) -> tuple[Remark, ...]:
    found = []
    if message.flags & Flags.DUPLICATE:
        first = f", as message {message.duplicate_of}" if message.duplicate_of else ""
        found.append(Remark("info", f"Duplicate: this message id arrived before{first}."))
    if message.flags & Flags.SALVAGED:
        found.append(
            Remark(
                "warning",
                "Salvaged: taken from a body that was cut or broken, which may have held more.",
            )
        )
    if message.flags & Flags.NOT_A_MESSAGE:
        found.append(Remark("warning", "This is not a message as the platform documents it."))
    if message.flags & Flags.ODD:
        notes = "; ".join(read.oddities) or "a field is not as documented"
        found.append(Remark("warning", f"Odd: {shortened(notes)}."))
    if message.received_at is not None and message.arrived_at < message.received_at:
        found.append(
            Remark("info", "It arrived before it was received: one of the two clocks is wrong.")
        )
    return tuple(found)


def _broken(text: str) -> str:
    """In lines that a narrow pane has room for: JSON has few places to break it."""
    starts = range(0, len(text), _NARROW)
    return "\n".join(text[start : start + _NARROW] for start in starts)


def _if_other(text: str, shown: str) -> str:
    return shortened(text) if text != shown else ""


def _instant(instant: int | None, zone: tzinfo | None) -> tuple[str, str]:
    return times.exact(instant, zone), times.iso(instant)


def _known(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact.value)
