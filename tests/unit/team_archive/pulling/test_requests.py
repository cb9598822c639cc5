"""A pull that is asked for is made once, or not at all."""

from uuid import uuid4

import pytest

from ibconsole.team_archive import TeamRefused, open_session
from ibconsole.team_archive.pulling.requests import (
    PullOutcome,
    PullRequests,
    PullRequestState,
)
from tests.postgres import TeamDatabase
from tests.unit.team_archive.pulling.sessions import join, lock_of


def test_open_requests() -> None:
    """The outcome of a request may still come while it waits, or after it was taken."""
    assert {state for state in PullRequestState if state.is_open} == {"waiting", "taken"}


def test_a_request_and_its_outcome(team: TeamDatabase) -> None:
    """A request that is sent twice is one; it is taken once, and its outcome is seen by all."""
    desktop, anna = join(team.address("operator"), "anna")
    collector, lock = lock_of(team.address("collector"), "east", is_collector=True)
    asked, served, token = PullRequests(desktop), PullRequests(collector), uuid4()
    with desktop, collector:
        assert lock.acquire()
        for _ in range(2):
            asked.ask(token, source=anna, asked_by="Anna\0", limit=7, reason="a test")
        lock.keep()
        assert lock.has_requests

        taken = served.take(source=lock.source, epoch=1)

        assert taken is not None
        assert (taken.asked_by, taken.limit, taken.taken_by) == ("Anna\ufffd", 7, "east")
        assert served.take(source=lock.source, epoch=1) is None
        assert not asked.withdraw(token)
        waiting = asked.find(token)
        assert waiting is not None
        assert waiting.state is PullRequestState.TAKEN

        served.finish(taken.id, PullOutcome(PullRequestState.DONE, 5, 2, "archive-east:9"))

        found = asked.find(token)
        assert found is not None
        assert found.state is PullRequestState.DONE
        assert (found.messages, found.pending, found.origin) == (5, 2, "archive-east:9")
        assert asked.recent() == (found,)
        lock.keep()
        assert not lock.has_requests


def test_requests_that_are_not_taken(team: TeamDatabase) -> None:
    """What was withdrawn, waits too long, or is being taken by another, is not taken."""
    desktop, anna = join(team.address("operator"), "anna")
    collector, source = join(team.address("collector"), "east", is_collector=True)
    asked, served = PullRequests(desktop), PullRequests(collector)
    withdrawn, old, locked = uuid4(), uuid4(), uuid4()
    with desktop, collector:
        for token in (withdrawn, old, locked):
            asked.ask(token, source=anna, asked_by="Anna", limit=None)
        assert asked.withdraw(withdrawn)
        assert not asked.withdraw(withdrawn)
        db = team.db()
        db.execute("UPDATE ibconsole.pull_request SET asked_at = 0 WHERE token = %s", [old])
        with db.transaction():
            db.execute("SELECT FROM ibconsole.pull_request WHERE token = %s FOR UPDATE", [locked])
            assert served.take(source=source, epoch=1) is None
        taken = served.take(source=source, epoch=1)

        assert taken is not None
        assert taken.token == str(locked)
        found = asked.find(old)
        assert found is not None
        assert (found.state, "nothing was requested" in found.problem) == ("withdrawn", True)
        assert asked.find(uuid4()) is None


def test_a_collector_that_dies(team: TeamDatabase) -> None:
    """A request whose collector ended is unknown, and never taken again; it may be noted late."""
    desktop, anna = join(team.address("operator"), "anna")
    asked, token = PullRequests(desktop), uuid4()
    dead, lock = lock_of(team.address("collector"), "east", is_collector=True)
    assert lock.acquire()
    asked.ask(token, source=anna, asked_by="Anna", limit=None)
    taken = PullRequests(dead).take(source=lock.source, epoch=1)
    assert taken is not None
    team.db().execute("SELECT pg_terminate_backend(%s)", [dead.db.info.backend_pid])
    dead.close()
    with desktop:
        seen = []
        found = asked.find(token)
        seen.append(found and found.state)
        standby, next_one = lock_of(team.address("collector"), "west", is_collector=True)
        with standby:
            assert next_one.acquire()
            assert PullRequests(standby).take(source=next_one.source, epoch=2) is None
            found = asked.find(token)
            seen.append(found and found.state)
            PullRequests(standby).finish(taken.id, PullOutcome(PullRequestState.DONE, 5))
        found = asked.find(token)
        seen.append(found and found.state)

    assert seen == ["unknown", "unknown", "done"]


def test_who_may_ask(team: TeamDatabase) -> None:
    """Who may only read asks for no pull, and another account's requests are not seen."""
    operator, anna = join(team.address("operator"), "anna")
    with operator:
        PullRequests(operator).ask(uuid4(), source=anna, asked_by="Anna", limit=None)
    other, other_source = join(team.address("outsider", "globex"), "ben")
    with other:
        assert PullRequests(other).recent() == ()
    with open_session(team.address("reader"), None, "test") as session:
        assert len(PullRequests(session).recent()) == 1
        with pytest.raises(TeamRefused, match="does not permit this"):
            PullRequests(session).ask(uuid4(), source=other_source, asked_by="Cleo", limit=None)
