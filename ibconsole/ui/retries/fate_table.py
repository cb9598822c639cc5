"""The table of a retry simulation: each message, and how a real run of it went."""

from collections.abc import Mapping, Sequence

import msgspec
from PySide6.QtWidgets import QWidget

from ibconsole.services.retry_simulation import (
    Agreement,
    MessageAgreement,
    MessageFate,
    answers_of,
    outcome_of,
    show_seconds,
)
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable

_WIDTHS = (72, 84, 72, 84, 96, 96, 0, 130)
_LATE = 6
_NEVER = float("inf")


class FateRow(msgspec.Struct, frozen=True):
    """A message as it is predicted; `run` is None without a real run."""

    fate: MessageFate
    run: MessageAgreement | None = None


def fate_rows(messages: Sequence[MessageFate], agreement: Agreement | None) -> list[FateRow]:
    """Return the rows of messages, with the outcome of a run if there is one."""
    runs: Mapping[int, MessageAgreement] = (
        {one.number: one for one in agreement.messages} if agreement else {}
    )
    return [FateRow(one, runs.get(one.number)) for one in messages]


def fate_table(parent: QWidget) -> RecordsTable:
    """Return an empty table of `FateRow`s, by the numbers of messages."""
    columns: Sequence[Column[FateRow]] = (
        _column("Message", lambda row: str(row.fate.number), lambda row: row.fate.number),
        _column("Arrives", lambda row: show_seconds(row.fate.at), lambda row: row.fate.at),
        _column(
            "Attempts",
            lambda row: f"{len(row.fate.attempts):,}",
            lambda row: len(row.fate.attempts),
        ),
        Column("Outcome", lambda row: outcome_of(row.fate)),
        _column("At", lambda row: show_seconds(row.fate.ended), lambda row: row.fate.ended),
        _column("Late", _late, lambda row: _NEVER if row.fate.late is None else row.fate.late),
        Column("Answers", lambda row: answers_of(row.fate), tooltip=_attempts),
        Column(
            "Real run",
            lambda row: row.run.verdict.value if row.run else "",
            tooltip=lambda row: row.run.sentence if row.run else "",
        ),
    )
    table = RecordsTable(
        RecordsModel(columns, lambda row: row.fate.number, parent), stretch=_LATE, parent=parent
    )
    table.setAccessibleName("Messages")
    table.set_widths(*_WIDTHS, by_content=True)
    return table


def _column(name: str, text: object, key: object) -> Column[FateRow]:
    return Column(name, text, sort_key=key)  # type: ignore[arg-type]  # callables of a row


def _late(row: FateRow) -> str:
    return "" if row.fate.late is None else show_seconds(row.fate.late)


def _attempts(row: FateRow) -> str:
    shown = [f"{show_seconds(one.at)}: {one.answer}" for one in row.fate.attempts[:25]]
    return "\n".join((*shown, "…") if len(row.fate.attempts) > 25 else shown)
