"""The states of the sources, as sentences that anyone may read who looks at the screen.

They have names of connections, counts and ages: no text of a message, no code, no name of an
application. The desktop shows them while the window is hidden, or the screen is shared.
"""

from collections.abc import Iterable, Sequence
from datetime import tzinfo

from ibconsole.services.runtime import Status
from ibconsole.ui.toolkit import (
    Indicator,
    StatusText,
    describe_listener,
    describe_pull,
    describe_pull_loop,
    one_line,
    with_other_puller,
)

# From the best to the worst: what is off says nothing about what is on.
_ORDER = (Indicator.OFF, Indicator.OK, Indicator.BUSY, Indicator.WARNING, Indicator.DANGER)
_LONGEST_NAME = 40  # characters


def describe_sources(
    status: Status, now: int, zone: tzinfo | None = None, *, is_failing: bool = False
) -> tuple[StatusText, ...]:
    """Describe connection, listener, pull and watch, in this order; the watch only with alarms.

    `is_failing` says that the setup of the connection could not be read. `now` is in milliseconds
    since the epoch.
    """
    loop = describe_pull_loop(status.pull_loop, now, zone)
    pull = loop or describe_pull(status.pull, now, zone, status.archive)
    states = [
        _describe_connection(status, is_failing=is_failing),
        describe_listener(status.listener, now, zone, status.archive),
        with_other_puller(pull, status.other_puller),
    ]
    if status.alarms:
        headlines = dict.fromkeys(alarm.kind.headline for alarm in status.alarms)
        states.append(StatusText(Indicator.WARNING, f"Watch: {'; '.join(headlines)}"))
    return tuple(StatusText(one.indicator, f"{one.text}.") for one in states)


def worst_of(states: Iterable[StatusText]) -> Indicator:
    """Return the worst state; `OFF` if there is none."""
    return max((one.indicator for one in states), key=_ORDER.index, default=Indicator.OFF)


def summarize(states: Sequence[StatusText]) -> str:
    """Return a tooltip with a line for each state, the worst first.

    Windows shows the first 127 characters.
    """
    ordered = sorted(states, key=lambda one: -_ORDER.index(one.indicator))
    lines = dict.fromkeys(one.text for one in ordered)
    # Qt reads a tooltip as HTML if it looks like HTML; other trays show each tag of it.
    return (
        "\n".join(lines).replace("<", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}")
        or "ibconsole"
    )


def _describe_connection(status: Status, *, is_failing: bool) -> StatusText:
    name = one_line(status.connection.name or status.connection.base_url)
    if not name:
        return StatusText(Indicator.OFF, "No connection is open")
    if len(name) > _LONGEST_NAME:
        name = f"{name[: _LONGEST_NAME - 1]}…"
    if is_failing:
        return StatusText(Indicator.DANGER, f"{name}: the setup could not be read")
    return StatusText(Indicator.OK, f"{name} is open")
