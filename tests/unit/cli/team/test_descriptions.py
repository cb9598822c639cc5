"""The state of a team's archive in sentences."""

from datetime import date, datetime
from typing import Any

import pytest

from ibconsole.archive.outbox import Backlog
from ibconsole.cli.team.descriptions import (
    backlog_object,
    describe_backlog,
    describe_preparation,
    describe_retention,
    report_lines,
    report_object,
)
from ibconsole.team_archive import (
    Capability,
    SearchSupport,
    TeamAddress,
    TeamOverview,
    TeamSource,
)
from ibconsole.team_archive.administration import (
    AccountReport,
    ExpiredMonth,
    Preparation,
    TeamReport,
    TeamRetention,
)
from ibconsole.team_archive.pulling import PullHolder

ADDRESS = TeamAddress("postgresql://db.example/team", "")
AT = int(datetime(2026, 11, 30, 10, 14).astimezone().timestamp() * 1000)
MONTHS = (date(2026, 10, 1), date(2026, 11, 1))


@pytest.mark.parametrize(
    ("before", "months", "reset", "lines"),
    [
        (0, 6, 0, ["db.example/team is a team's archive now, with tables of version 2.", "6 mo"]),
        (1, 0, 0, ["The tables are migrated from version 1 to 2."]),
        (2, 0, 9, ["The tables are up to date, with version 2.", "9 restored rows made visible"]),
    ],
)
def test_preparations(before: int, months: int, reset: int, lines: list[str]) -> None:
    """An owner reads what was done, and how texts are found."""
    done = Preparation(before, 2, SearchSupport.SCAN, months, reset)

    found = list(describe_preparation(ADDRESS, done))

    assert all(one.startswith(line) for one, line in zip(found, lines, strict=False))
    assert len(found) == len(lines) + 1
    assert "no pg_trgm" in found[-1]


def test_a_report() -> None:
    """The status says who pulls, who ships, and with which lag."""
    sources = (
        TeamSource("anna", "a-1", "1.0", 0, AT, waiting=1234, oldest_waiting_at=AT),
        TeamSource("gate", "g-1", "1.0", 0, AT, is_collector=True),
    )
    overview = TeamOverview(
        "bo", "15", AT, 1, SearchSupport.TRIGRAMS, frozenset({Capability.READER}), sources
    )
    empty = TeamOverview("bo", "15", AT, 1, SearchSupport.TRIGRAMS, frozenset())
    holder = PullHolder(3, "gate", "gate:1", is_collector=True, since=AT)
    report = TeamReport(
        "uuid",
        1,
        SearchSupport.TRIGRAMS,
        TeamRetention(None, AT, is_clock_trusted=True, months=MONTHS, expired=()),
        (
            AccountReport("acme", "https://x", overview, holder),
            AccountReport("globex", "", empty, None),
        ),
    )

    assert list(report_lines(ADDRESS, report)) == [
        "db.example/team: tables of version 1. Texts are found by an index.",
        "Months 2026-10 to 2026-11.",
        "Everything is kept.",
        "",
        "acme: this user is reader at https://x",
        "  Pulls: the collector gate, since 2026-11-30 10:14",
        "  anna (desktop): last seen 2026-11-30 10:14, 1,234 waiting (oldest 2026-11-30 10:14)",
        "  gate (collector): last seen 2026-11-30 10:14, 0 waiting",
        "",
        "globex: this user is none",
        "  Pulls: none now",
        "  Nothing was shipped to it yet.",
    ]
    as_object: dict[str, Any] = report_object(report)
    assert [one["puller"] and one["puller"]["name"] for one in as_object["accounts"]] == [
        "the collector gate",
        None,
    ]


def test_retention() -> None:
    """An owner reads what goes, what stays longer, and that a clock is doubted."""
    state = TeamRetention(
        1,
        AT,
        is_clock_trusted=False,
        months=MONTHS,
        expired=(ExpiredMonth(date(2026, 8, 1), 7, 0), ExpiredMonth(date(2026, 9, 1), 3, 1)),
    )

    assert list(describe_retention(state))[1:4] == [
        "1 month before the current one are kept.",
        "Expired: 2026-08, with 7 deliveries; the next maintenance drops them.",
        "Older, but with deliveries that were shipped later: 2026-09. They stay for now.",
    ]
    assert "--trust-clock" in list(describe_retention(state))[-1]


def test_backlogs() -> None:
    """The part of this computer is a fact: what waits, since when, what was refused."""
    backlog = Backlog(rows=3, deliveries=2, oldest_at=AT, set_aside=1, is_counting=True)

    assert describe_backlog(backlog) == (
        "at least 3 waiting (oldest 2026-11-30 10:14), 1 row set aside"
    )
    assert backlog_object(backlog)["deliveries"] == 2
    assert describe_backlog(Backlog()) == "0 waiting"
