"""The sentences of the tray: what they say, and what they never say."""

import pytest
from msgspec.structs import replace

from ibconsole.services.runtime.status import (
    Alarm,
    AlarmKind,
    ConnectionStatus,
    ListenerState,
    ListenerStatus,
    PullState,
    PullStatus,
    Status,
)
from ibconsole.ui.toolkit.status_text import Indicator
from ibconsole.ui.tray.source_states import describe_sources, summarize, worst_of

NOW = 1_780_000_000_000
CODE = "0123456789abcdef0123456789abcdef"
ACME = Status(
    connection=ConnectionStatus("Acme", "https://acme.example", id="uuid"),
    listener=ListenerStatus(ListenerState.LISTENING, since=NOW - 120_000),
    pull=PullStatus(PullState.IDLE, NOW - 60_000, 0, "Nothing was waiting."),
)
ALARM = Alarm(
    AlarmKind.SILENCE, "uuid", f"Shop {CODE[:4]}… is silent.", NOW, 1, application=CODE, name="Shop"
)
FAILED = PullStatus(PullState.FAILED, NOW - 60_000, None, f"The body was: hello {CODE}")


@pytest.mark.parametrize(
    ("status", "is_failing", "worst", "first"),
    [
        (Status(), False, Indicator.OFF, "No connection is open."),
        (ACME, False, Indicator.OK, "Acme is open."),
        (ACME, True, Indicator.DANGER, "Acme: the setup could not be read."),
        (
            replace(ACME, alarms=(ALARM, ALARM)),
            False,
            Indicator.WARNING,
            "Watch: Messages have stopped arriving.",
        ),
        (replace(ACME, pull=FAILED), False, Indicator.DANGER, "Last pull failed 1 min ago."),
        (
            replace(ACME, connection=ConnectionStatus("<b>" + 60 * "x", "https://x")),
            False,
            Indicator.OK,
            "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}b>" + 36 * "x" + "… is open.",
        ),
    ],
)
def test_the_worst_source_comes_first(
    status: Status, is_failing: bool, worst: Indicator, first: str
) -> None:
    """One sentence for each source; no text of a message, no code, no name of an application."""
    states = describe_sources(status, NOW, is_failing=is_failing)
    lines = summarize(states).split("\n")

    assert worst_of(states) is worst
    assert lines[0] == first
    assert len(lines) == len(states) == (4 if status.alarms else 3)
    assert all(line.endswith(".") for line in lines)
    assert not any(secret in "".join(lines) for secret in (CODE[:4], "hello", "Shop"))


def test_nothing_to_say() -> None:
    """Before there is a source, the tooltip has the name of the program."""
    assert (summarize(()), worst_of(())) == ("ibconsole", Indicator.OFF)
