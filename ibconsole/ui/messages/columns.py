"""The columns of the list of messages."""

from collections.abc import Callable, Sequence

from ibconsole.services.messages import Flags, MessageRow
from ibconsole.services.request_log import mask_codes
from ibconsole.text import escape_invisible, mask_code
from ibconsole.ui.tables import FeedColumn
from ibconsole.ui.toolkit import one_line, times

_SHOWN = 200  # characters of a text without a match, which is laid out in each repaint
_FLAGS = {
    Flags.DUPLICATE: ("duplicate", "A message with the same ID arrived before."),
    Flags.SALVAGED: ("salvaged", "Taken from a body that was cut or broken."),
    Flags.ODD: ("unusual", "A field differs from the platform's documentation."),
    Flags.NOT_A_MESSAGE: (
        "not a message",
        "It is not a message according to the platform's documentation.",
    ),
}


def message_columns(
    name_of: Callable[[str], str], time_display: times.TimeDisplay
) -> Sequence[FeedColumn[MessageRow]]:
    """Return the columns: times, origin and content of a message, each on one line."""
    return (
        FeedColumn(
            "Arrived",
            lambda row: times.column_time(row.arrived_at, time_display.zone),
            _times_tooltip,
            unit=lambda: times.zone_name(zone=time_display.zone),
        ),
        FeedColumn(
            "Received",
            lambda row: (
                times.column_time(row.received_at, time_display.zone) if row.received_at else ""
            ),
            _times_tooltip,
            unit=lambda: times.zone_name(zone=time_display.zone),
        ),
        FeedColumn("Via", lambda row: row.via),
        FeedColumn(
            "Application",
            lambda row: name_of(row.application_code),
            lambda row: mask_code(row.application_code),
        ),
        FeedColumn("From", _sender, _sender),
        FeedColumn("Keyword", lambda row: one_line(masked(row.keyword, row))),
        FeedColumn(
            "Text",
            lambda row: one_line(masked(row.text, row)[:_SHOWN]),
            lambda row: escape_invisible(masked(row.text, row)),
        ),
        FeedColumn("Lag", lambda row: times.lag(row.received_at, row.arrived_at), right=True),
        FeedColumn("Flags", flag_names, _flag_sentences),
        FeedColumn("Received by", lambda row: one_line(row.source), lambda row: row.source),
    )


def masked(text: str, row: MessageRow) -> str:
    """Mask the application's code where a text of its message repeats it."""
    code = row.application_code
    return mask_codes(text, (code,), mask_code) if code and code in text else text


def flag_names(row: MessageRow) -> str:
    """Return the names of a message's flags: `duplicate, unusual`."""
    if not row.flags:
        return ""
    return ", ".join(word for flag, (word, _) in _FLAGS.items() if row.flags & flag)


def _sender(row: MessageRow) -> str:
    return one_line(masked(row.sender, row))


def _flag_sentences(row: MessageRow) -> str:
    return "\n".join(sentence for flag, (_, sentence) in _FLAGS.items() if row.flags & flag)


def _times_tooltip(row: MessageRow) -> str:
    received = times.iso(row.received_at) or "not known"
    return f"Arrived here\n{times.iso(row.arrived_at)}\nReceived by the platform\n{received}"
