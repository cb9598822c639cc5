"""The history is read off the loop, and applications are found by what users know of them."""

from pathlib import Path

import pytest

from ibconsole.archive.history.points import SeenRoute, store_applications, store_routes
from ibconsole.clock import TimeSpan
from ibconsole.services.comparison import Side
from ibconsole.services.setup.history.differences import SetupState
from ibconsole.services.setup.history.history_reader import (
    NotInHistory,
    TimelineReader,
    find_stored_application,
    state_at,
)
from ibconsole.services.setup.inbound_route import InboundRoute


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


def store(path: Path, connection: str, *applications: tuple[str, str], at: int = 1) -> None:
    contents = {
        code: f'{{"applicationCode":"{code}","applicationId":"id-{code}","name":"{name}"}}'.encode()
        for code, name in applications
    }
    store_applications(path, connection, contents, TimeSpan(at, at))


def test_applications_are_found(path: Path) -> None:
    """By code, ID or name; if that is ambiguous, or not known, a sentence says so."""
    with pytest.raises(NotInHistory, match="knows no application"):
        find_stored_application(path, "Shop")
    store(path, "c", ("code-of-the-first-shop", "Shop"), ("b", "Bank"))
    store(path, "d", ("code-of-the-other-shop", "Shop"), ("b", "Bank"))

    for wanted in ("code-of-the-first-shop", "id-code-of-the-first-shop"):
        assert find_stored_application(path, wanted).connection == "c"
    assert find_stored_application(path, " sHOP ", "d").application.code.endswith("other-shop")
    with pytest.raises(NotInHistory, match="Several applications") as refusal:
        find_stored_application(path, "Shop")
    assert "code-of-the-first-shop" not in str(refusal.value)
    with pytest.raises(NotInHistory, match="2 connections"):
        find_stored_application(path, "Bank")


def test_states(path: Path) -> None:
    """What was not recorded at a time is not known, which differs from an empty route."""
    store(path, "c", ("a", "Shop"))
    store_routes(path, "c", [SeenRoute("a", b"[]", TimeSpan(5, 5))])

    assert state_at(path, "c", "a", 0) == SetupState()
    now = state_at(path, "c", "a")
    assert now.application
    assert now.application["name"] == "Shop"
    assert now.route == InboundRoute()
    assert state_at(path, "c", "a", 4).route is None


async def test_the_version_changes_with_every_commit(path: Path) -> None:
    """The window reads a timeline again only if something was committed."""
    async with TimelineReader(path) as reader:
        missing = await reader.version()
        assert (await reader.timeline("c", "a", None)).events == ()
        store(path, "c", ("a", "Shop"))
        first = await reader.version()
        assert first == await reader.version() != missing
        store(path, "c", ("a", "Shop 2"), at=2)
        assert await reader.version() != first
        [change] = (await reader.timeline("c", "a", None)).events
        assert dict(change.details)["name"] == "Shop → Shop 2"
        assert "No message" in (await reader.what_changed_since_it_worked("c", "a")).answer


async def test_two_times_are_compared(path: Path) -> None:
    """The setups as they were recorded, without a request."""
    store(path, "c", ("a", "Shop"))
    store_routes(path, "c", [SeenRoute("a", b"[]", TimeSpan(5, 5))])
    store(path, "c", ("a", "Shop 2"), at=20)

    async with TimelineReader(path) as reader:
        found = await reader.compare_points("c", "a", 10, 20)
        for application, left in (("other", 10), ("a", 0)):
            with pytest.raises(NotInHistory, match="not known"):
                await reader.compare_points("c", application, left, 20)

    assert [(row.left, row.right) for row in found.rows if row.side is Side.DIFFERENT] == [
        ("Shop", "Shop 2")
    ]
