"""The setups of a team are those that any member saw, and their changes those of any member."""

from collections.abc import Sequence

import pytest

from ibconsole.archive.history import SetupPart
from ibconsole.team_archive import TeamReader
from ibconsole.team_archive.reading.history import TeamHistory
from tests.unit.team_archive.team_rows import AT, ShippedMessage, TeamRows

_HOUR = 3_600_000


@pytest.fixture
def history(reader: TeamReader) -> TeamHistory:
    """Read the history."""
    return reader.history


def store_points(member: TeamRows, *points: tuple[int, int | None, int, bytes]) -> None:
    """Store states of the route: first seen, last seen, checked, and content."""
    for number, (first, last, checked, content) in enumerate(points):
        member.db.execute(
            "INSERT INTO ibconsole.setup_object VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [member.account, content, content],
        )
        member.db.execute(
            "INSERT INTO ibconsole.setup_point VALUES (%s, %s, %s, 'app', 'route', %s, %s, %s, %s)",
            [member.source, number, member.account, first, last, checked, content],
        )


def seen(history: TeamHistory) -> Sequence[tuple[int, int, bytes | None]]:
    """Return the states of the route."""
    points = history.points_of("app", SetupPart.ROUTE)
    return [(one.seen_from, one.seen_until, one.content) for one in points]


def test_states_of_members_are_one_history(anna: TeamRows, history: TeamHistory) -> None:
    """A state that two members saw is one; between their looks it may have been another."""
    bob = TeamRows(anna.db, label="bob@desk")
    store_points(anna, (_HOUR, 2 * _HOUR, 0, b"one"), (9 * _HOUR, None, 9 * _HOUR, b"two"))
    store_points(bob, (3 * _HOUR, 4 * _HOUR, 0, b"one"), (6 * _HOUR, None, 8 * _HOUR, b"two"))

    assert seen(history) == [
        (_HOUR, 4 * _HOUR, b"one"),
        (6 * _HOUR, 9 * _HOUR, b"two"),
    ]
    current = history.point_at("app", SetupPart.ROUTE)
    assert current
    assert current.is_current
    earlier = history.point_at("app", SetupPart.ROUTE, 5 * _HOUR)
    assert earlier
    assert (earlier.content, earlier.is_current) == (b"one", False)
    assert history.point_at("app", SetupPart.ROUTE, 1) is None
    assert len(history.points_of("app", since=5 * _HOUR)) == 1


def test_a_change_and_back(anna: TeamRows, history: TeamHistory) -> None:
    """A state that one member saw in between is not lost, and clocks may differ by seconds."""
    bob = TeamRows(anna.db, label="bob@desk")
    store_points(anna, (_HOUR, 6 * _HOUR, 0, b"one"), (7 * _HOUR, None, 7 * _HOUR, b"two"))
    store_points(bob, (3 * _HOUR, 4 * _HOUR, 0, b"other"), (6 * _HOUR - 5_000, None, 0, b"two"))

    assert [content for *_, content in seen(history)] == [b"one", b"other", b"two"]


def test_audit(anna: TeamRows, history: TeamHistory) -> None:
    """The calls of all members are read with their outcomes, in the order of their times."""
    bob = TeamRows(anna.db, label="bob@desk")
    rows = [
        (bob.source, 1, None, 2_000, "app", "intent"),
        (bob.source, 2, 1, 2_500, "app", "outcome"),
        (anna.source, 1, None, 1_000, "app", "interrupted"),
        (anna.source, 2, None, 1_000, "other", "of another"),
    ]
    for source, *values in rows:
        anna.db.execute(
            "INSERT INTO ibconsole.audit VALUES (%s, %s, 1, %s, %s, %s, %s, '')", [source, *values]
        )

    first, second = history.audit("app")

    assert (first.content, first.ended_at, first.outcome) == ("interrupted", None, None)
    assert (second.content, second.ended_at, second.outcome) == ("intent", 2_500, "outcome")
    assert first.number != second.number
    assert (history.exists, history.attributable_from()) == (True, 0)
    assert list(history.audit(since=2_001)) == []


def test_messages_by_hour(anna: TeamRows, history: TeamHistory) -> None:
    """Messages are counted by hour and way, as far back as they are looked at."""
    anna.ship(0, ShippedMessage(), via="pull")
    anna.ship(_HOUR, ShippedMessage(), ShippedMessage())
    found = history.message_activity("app", 0, AT + 2 * _HOUR)
    part = history.message_activity("app", 0, AT + 2 * _HOUR, limit=2)

    assert [(one.pulled, one.forwarded) for one in found.hours] == [(1, 0), (0, 2)]
    assert found.complete_from is None
    assert (part.hours, part.complete_from) == ((), AT + 2 * _HOUR)
    assert history.latest_arrival("app") == AT + _HOUR
    assert history.latest_arrival("none") is None


def test_forward_tests(anna: TeamRows, history: TeamHistory) -> None:
    """Tests have the verdict of the member that made them; text that is no JSON has none."""
    verdict = '{"verdict": {"counts": "yes", "sentence": "Good. \\u0000"}}'
    for number, facts in enumerate((verdict, "{")):
        anna.db.execute(
            "INSERT INTO ibconsole.forward_test"
            " (source, number, account, at, url, status, payload, answer, facts)"
            " VALUES (%s, %s, 1, %s, 'https://one', 200, 'p', 'a', %s)",
            [anna.source, number, number, facts],
        )

    first, second = history.stored_tests(["https://one"], 0, 10)

    assert (first.counts, first.sentence) == ("yes", "Good. \0")
    assert (second.counts, second.at) == ("", 1)


def test_current_applications(anna: TeamRows, history: TeamHistory) -> None:
    """Each application is as the member listed it that did so last."""
    bob = TeamRows(anna.db, label="bob@desk")
    store_points(anna, (1, None, 5, b"old"))
    store_points(bob, (2, None, 6, b"new"))
    anna.db.execute("UPDATE ibconsole.setup_point SET part = 'application'")

    assert list(history.current_applications()) == [("uuid", b"new")]
