from datetime import UTC, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit import times

# 2017-01-05T12:47:56.221Z, the moment of the platform's own example
SAMPLE = 1_483_620_476_221
ZAGREB = ZoneInfo("Europe/Zagreb")


def test_local_with_the_zone() -> None:
    """A time is shown in the local zone, with the name of the zone."""
    assert times.exact(SAMPLE, ZAGREB) == "2017-01-05 13:47:56.221 CET"
    assert times.exact(SAMPLE, UTC) == "2017-01-05 12:47:56.221 UTC"


def test_column() -> None:
    """A list always shows date and time, so that yesterday is not mistaken for today."""
    assert times.column_time(SAMPLE, ZAGREB, year=2017) == " 5 Jan 13:47:56"


def test_column_for_other_years() -> None:
    """A time of another year shows its year."""
    assert times.column_time(SAMPLE, ZAGREB) == " 5 Jan 2017 13:47"


def test_exact_time_in_both_zones() -> None:
    """The tooltip suits any log search: ISO 8601, local and UTC."""
    assert times.iso(SAMPLE, ZAGREB) == (
        "2017-01-05T13:47:56.221+01:00\n2017-01-05T12:47:56.221+00:00"
    )


def test_exact_time_in_utc() -> None:
    """In UTC the tooltip does not repeat the time."""
    assert times.iso(SAMPLE, UTC) == "2017-01-05T12:47:56.221+00:00"


def test_one_switch_for_utc(qtbot: QtBot) -> None:
    """Times are local until UTC is switched on; a change is signalled once."""
    time_display = times.TimeDisplay()
    assert (time_display.utc, time_display.zone) == (False, None)

    with qtbot.waitSignal(time_display.changed):
        time_display.show_utc(on=True)
    with qtbot.assertNotEmitted(time_display.changed):
        time_display.show_utc(on=True)

    assert (time_display.utc, time_display.zone) == (True, UTC)


def test_unknown_time_is_empty() -> None:
    """An unknown time is not shown as 1970."""
    assert (times.column_time(None), times.exact(None), times.iso(None)) == ("", "", "")


@pytest.mark.parametrize("instant", [10**18, -(10**18), 253_402_300_799_999])
def test_extreme_times_are_shown(instant: int) -> None:
    """A message that claims to be from the year 99999 does not break the list."""
    assert times.column_time(instant, ZAGREB)
    assert times.exact(instant, ZAGREB)
    assert times.iso(instant, ZAGREB)


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        (ZAGREB, "CET"),
        (timezone(timedelta(hours=5, minutes=30)), "UTC+05:30"),
        (ZoneInfo("America/Sao_Paulo"), "UTC-02:00"),
    ],
)
def test_zone_name(zone: ZoneInfo, name: str) -> None:
    """A zone without an abbreviation is named by its offset from UTC."""
    assert times.zone_name(SAMPLE, zone) == name


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-30, "just now"),
        (4, "just now"),
        (12, "12 s ago"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (41 * 3600, "41 h ago"),
        (48 * 3600, "2 d ago"),
    ],
)
def test_age(seconds: int, words: str) -> None:
    """An age has one unit, hours up to two days: a last pull of 40 hours ago is a warning."""
    assert times.age(SAMPLE, SAMPLE + seconds * 1000) == words


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0.0 s"),
        (430, "0.4 s"),
        (59_999, "59 s"),
        (192_000, "3 min 12 s"),
        (7_200_000, "2 h"),
        (187_200_000, "2 d 4 h"),
        (-3_000, "\N{MINUS SIGN}3.0 s"),
    ],
)
def test_lag(milliseconds: int, words: str) -> None:
    """A lag has two units at most; a negative one shows that a clock is wrong."""
    assert times.lag(SAMPLE, SAMPLE + milliseconds) == words


def test_no_lag_without_the_platforms_time() -> None:
    """Without a time of the platform there is no lag."""
    assert times.lag(None, SAMPLE) == ""


def test_span() -> None:
    """A duration has one unit."""
    assert [times.span(seconds) for seconds in (-1, 0, 240, 7200)] == ["0 s", "0 s", "4 min", "2 h"]


def test_the_time_of_today_has_no_date() -> None:
    """A recent time is short; the day is added if it is not today."""
    assert times.minute(SAMPLE, ZAGREB, now=SAMPLE) == "13:47"
    assert times.minute(SAMPLE, ZAGREB, now=SAMPLE + 86_400_000) == "5 Jan 13:47"
    assert times.second(SAMPLE, ZAGREB) == "13:47:56"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.034, "34 ms"), (1.238, "1.24 s"), (12.34, "12.3 s")]
)
def test_duration(seconds: float, text: str) -> None:
    """Durations are given in a suitable unit."""
    assert times.duration(seconds) == text


def test_time_left() -> None:
    """A countdown has seconds, hours only if there are some, and ends at zero."""
    left = [times.left(SAMPLE + 1000 * seconds, SAMPLE) for seconds in (-5, 0, 59, 432, 3723)]

    assert left == ["0:00", "0:00", "0:59", "7:12", "1:02:03"]
    assert times.left(SAMPLE + 400, SAMPLE) == "0:01"
