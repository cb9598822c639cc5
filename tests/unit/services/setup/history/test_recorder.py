"""What is read of a setup is stored later, together, and never makes a read fail."""

import asyncio
from pathlib import Path

import pytest

from ibconsole.archive.errors import ArchiveError
from ibconsole.archive.history.points import SetupPart, points_of
from ibconsole.clock import TimeSpan
from ibconsole.model.application import (
    read_action,
    read_applications,
    read_configuration,
)
from ibconsole.services.setup.history.recorder import SetupRecorder, application_contents
from ibconsole.services.setup.inbound_route import InboundRoute, route_of

CONFIGURATION = read_configuration({"key": "K"})
ACTION = read_action({"key": "A", "type": "PULL"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "archive.sqlite3"


def routes(path: Path) -> list[tuple[int, int, int]]:
    """Return for each route of application "a" its times and the number of its actions."""
    found = points_of(path, "c", "a", SetupPart.ROUTE)
    return [
        (one.seen_from, one.seen_until, sum(len(c.actions) for c in route.configurations))
        for one in found
        for route in [route_of(one.content or b"[]")]
    ]


def test_what_is_volatile_is_left_out() -> None:
    """The order of members, and the number of registrations, make no new state."""
    raw = {
        "applicationCode": "a",
        "name": "\ud800",
        "registrationsCount": 1,
        "newCount": 1,
        "new": {"y": 1},
    }
    other = {"new": {"y": 1}, "registrationsCount": 2, "name": "\ud800", "applicationCode": "a"}
    first, second = (application_contents(read_applications([one])) for one in (raw, other))

    assert first == second
    assert b"registrations" not in first["a"]
    twins = read_applications([raw, {"applicationCode": "a", "name": "b"}, {"name": "no code"}])
    assert application_contents(twins) == application_contents(twins[::-1])
    assert list(application_contents(twins)) == ["a"]


async def test_a_route_is_recorded_once_it_is_complete(path: Path) -> None:
    """Configurations and actions come in any order; a part that is missing makes no route."""
    async with SetupRecorder(path, "c", delay=0.01) as recorder:
        recorder.see_actions("a", "K", [ACTION], TimeSpan(10, 12))
        recorder.see_configurations("a", [CONFIGURATION], TimeSpan(11, 13))
        recorder.see_configurations("b", [CONFIGURATION], TimeSpan(11, 13))
    async with SetupRecorder(path, "c", delay=0.01) as recorder:
        recorder.see_configurations("a", [CONFIGURATION], TimeSpan(20, 21))
        recorder.see_actions("a", "K", [], TimeSpan(9_000, 9_001))  # long after its configuration
        recorder.see_configurations("a", [], TimeSpan(9_002, 9_003))

    assert routes(path) == [(13, 13, 1), (9_003, 9_003, 0)]
    assert points_of(path, "c", "b") == []


async def test_lists_that_wait_are_replaced(path: Path) -> None:
    """Memory has one list at a time, however often it is read, and a close waits for the disk."""
    async with SetupRecorder(path, "c", delay=60) as recorder:
        for number in range(3):
            listed = read_applications([{"applicationCode": "a", "name": str(number)}])
            recorder.see_applications(listed, TimeSpan(number, number))

    [point] = points_of(path, "c", "a")
    assert point.content == b'{"applicationCode":"a","name":"2"}'


async def test_a_history_that_cannot_be_written_is_shown(path: Path) -> None:
    """A read is not recorded then, which is shown until it is again."""
    await asyncio.to_thread(path.mkdir, parents=True)
    problems: list[str] = []
    async with SetupRecorder(path, "c", problems.append, delay=0.01) as recorder:
        for _ in range(2):
            recorder.see_configurations("a", [], TimeSpan(1, 2))
            while recorder.is_storing:
                await asyncio.sleep(0.01)
        with pytest.raises(ArchiveError, match=r"no archive|cannot be"):
            await recorder.store_route("a", InboundRoute(), TimeSpan(1, 2))
        await asyncio.to_thread(path.rmdir)
        recorder.see_configurations("a", [], TimeSpan(3, 4))

    assert [bool(one) for one in problems] == [True, False]
    assert "not recorded in its history" in problems[0]
    assert routes(path) == [(4, 4, 0)]
