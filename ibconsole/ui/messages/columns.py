"""The columns of the list of messages: its own, and those that the user has added."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QItemSelectionModel

from ibconsole.services.connections import JsonColumn
from ibconsole.services.messages import Flags, MessageRow
from ibconsole.services.request_log import mask_codes
from ibconsole.text import escape_invisible, mask_code
from ibconsole.ui.tables import ExtendedFeedModel, ExtraColumn, FeedColumn, MarkedTable, RowMark
from ibconsole.ui.toolkit import one_line, times

_HIGHLIGHT = "Highlight"  # the header of the column with the names of rules
_WIDTH = 96  # of an added column
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
    name_of: Callable[[str], str],
    time_display: times.TimeDisplay,
    connections: Mapping[str, str],
) -> Sequence[FeedColumn[MessageRow]]:
    """Return the columns: times, origin and content of a message, each on one line.

    `connections` are names by UUID, which may come later.
    """
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
        FeedColumn(
            "Connection",
            lambda row: one_line(connections.get(row.connection or "", row.connection or "")),
        ),
    )


class ExtraColumns:
    """The columns that follow the own ones of a table, whose default `widths` are given.

    `json` are the columns from JSON paths that are shown. If there are highlight rules, a column
    with their names comes first; it is left out until the user shows it, as are `left_out`.
    """

    def __init__(
        self,
        table: MarkedTable,
        model: ExtendedFeedModel[Any],
        widths: Sequence[int],
        left_out: Sequence[int] = (),
    ) -> None:
        self.json: Sequence[JsonColumn] = ()
        self._table = table
        self._model = model
        self._widths = tuple(widths)
        self.leave_out(*left_out)

    def show(self, columns: Sequence[JsonColumn], marks: Sequence[RowMark]) -> None:
        """Show these columns, and mark rows by these rules, as their extras are fetched."""
        self.json = columns
        extra = [ExtraColumn(one.name, _header_tooltip(one)) for one in columns]
        widths = (_WIDTH,) * (len(columns) + bool(marks))
        self._table.columns.rearrange(
            lambda: self._model.show_extras(extra, marks, _HIGHLIGHT), *self._widths, *widths
        )
        self.leave_out(*self._left_out)
        selection = self._table.selectionModel()  # its rows reach over the added columns, too
        flags = QItemSelectionModel.SelectionFlag
        selection.select(selection.selection(), flags.Select | flags.Rows)

    def leave_out(self, *columns: int) -> None:
        """Leave out these of the own columns, unless the user has chosen to show them."""
        self._left_out = columns
        highlight = (len(self._widths),) if self._model.has_marks else ()
        self._table.columns.leave_out(*columns, *highlight)

    def json_at(self, column: int) -> int | None:
        """Return the number of the column from a JSON path in this place; None if it is none."""
        number = column - len(self._widths) - self._model.has_marks
        return number if 0 <= number < len(self.json) else None

    @property
    def reserved(self) -> Sequence[str]:
        """The names that a column from a JSON path cannot have."""
        return (*self._table.columns.names[: len(self._widths)], _HIGHLIGHT)


def _header_tooltip(column: JsonColumn) -> str:
    return (
        f"{column.path}\nThe list cannot be sorted by it: every message would have to be read."
        " A filter with json: finds values."
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
