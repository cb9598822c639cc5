"""The table of the requests that the listener received, and its columns."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtWidgets import QWidget

from ibconsole.errors import Severity
from ibconsole.services.messages import Delivery, DeliveryState
from ibconsole.ui.tables import FeedColumn, FeedModel, FeedTable, TintedCells
from ibconsole.ui.toolkit import Theme, byte_size, one_line, times

# Positions in `request_columns`, and the widths in pixels; 0 takes what the others leave.
PATH, PROBLEM = 2, 6
WIDTHS = (132, 68, 0, 68, 84, 72, 124)


class DeliveryReader(Protocol):
    """Reads a page of requests by id; synchronous."""

    def deliveries(self, ids: Sequence[int]) -> list[Delivery]: ...


class RequestTable(FeedTable):
    """The requests, the newest on top; only the rows in sight are read."""

    def __init__(
        self,
        reader: DeliveryReader,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        time_display: times.TimeDisplay,
    ) -> None:
        super().__init__(stretch=PATH, parent=parent)
        self.feed = FeedModel(request_columns(time_display), reader.deliveries, self)
        self.setAccessibleName("Requests to the listener")
        self.setModel(self.feed)
        self.set_widths(*WIDTHS, by_content=True)
        self.setItemDelegateForColumn(PROBLEM, TintedCells(theme, Severity.WARNING, self))
        time_display.changed.connect(self.feed.refresh)


def request_columns(time_display: times.TimeDisplay) -> Sequence[FeedColumn[Delivery]]:
    """Return the columns: the request, the answer to it, and the messages in it.

    Times are in the zone of the time display, which the header names.
    """
    return (
        FeedColumn(
            "Time",
            lambda delivery: times.column_time(delivery.began_at, time_display.zone),
            lambda delivery: times.iso(delivery.began_at),
            unit=lambda: times.zone_name(zone=time_display.zone),
        ),
        FeedColumn("Method", lambda delivery: one_line(delivery.method)),
        FeedColumn(
            "Path",
            lambda delivery: one_line(delivery.target),
            lambda delivery: one_line(delivery.target),
        ),
        FeedColumn("Answer", _answer, _answer_in_words, right=True),
        FeedColumn("Messages", _messages, right=True),
        FeedColumn("Size", lambda delivery: byte_size(delivery.size), right=True),
        FeedColumn("Problem", lambda delivery: delivery.problem, lambda delivery: delivery.problem),
    )


def _answer(delivery: Delivery) -> str:
    if delivery.answer and delivery.status is None:
        return "none"
    return str(delivery.status or "")


def _answer_in_words(delivery: Delivery) -> str:
    """Return what a rule planned; empty if none answered."""
    if not (answer := delivery.answer):
        return ""
    return one_line(f"Rule {answer.planned.rule}: {answer.planned.phrase}. {answer.sentence}")


def _messages(delivery: Delivery) -> str:
    # The number of messages in a request that was not decoded yet is unknown, not 0.
    return "…" if delivery.state == DeliveryState.RECEIVED else f"{delivery.message_count:,}"
