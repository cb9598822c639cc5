"""The columns of the list of requests that the listener received."""

from collections.abc import Sequence

from ibconsole.services.messages import Delivery, DeliveryState
from ibconsole.ui.tables import FeedColumn
from ibconsole.ui.toolkit import byte_size, one_line, times

# Positions in `request_columns`, and the widths in pixels; 0 takes what the others leave.
PATH, PROBLEM = 2, 6
WIDTHS = (132, 68, 0, 68, 84, 72, 124)


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
        FeedColumn("Answer", lambda delivery: str(delivery.status or ""), right=True),
        FeedColumn("Messages", _messages, right=True),
        FeedColumn("Size", lambda delivery: byte_size(delivery.size), right=True),
        FeedColumn("Problem", lambda delivery: delivery.problem, lambda delivery: delivery.problem),
    )


def _messages(delivery: Delivery) -> str:
    # The number of messages in a request that was not decoded yet is unknown, not 0.
    return "…" if delivery.state == DeliveryState.RECEIVED else f"{delivery.message_count:,}"
