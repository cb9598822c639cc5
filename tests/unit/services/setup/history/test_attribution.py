"""A change is own if the audit explains it; every other one was made elsewhere."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ibconsole.api.gate import CallState
from ibconsole.archive.archive import Archive
from ibconsole.archive.audit import AuditEntry, append_audit
from ibconsole.archive.history.points import SeenRoute, store_applications, store_routes
from ibconsole.clock import TimeSpan, now_ms
from ibconsole.model.application import ActionDraft, read_action
from ibconsole.services.audit import preview_removal, redact, remove, user_act
from ibconsole.services.setup.history.attribution import (
    acts_of,
    calls_of,
    changes_of,
)
from ibconsole.services.setup.history.change_texts import change_event
from ibconsole.services.setup.history.differences import ChangeKind
from ibconsole.services.setup.history.history_reader import state_at
from ibconsole.services.setup.history.history_source import DiskHistory
from ibconsole.services.setup.history.timeline import what_changed_since_it_worked
from ibconsole.services.setup.history.timeline_events import ChangeOrigin
from ibconsole.services.setup.inbound_route import (
    ConfigurationState,
    InboundRoute,
    read_route,
    route_bytes,
)
from ibconsole.services.setup.multi_step import ConfigurationId
from tests.unit.services.setup.history.conftest import Recorded

PULL = ActionDraft(type="PULL")
CREATED, DELETED = ChangeKind.ACTION_CREATED, ChangeKind.ACTION_DELETED
BASE = "/push/1/applications/a/configurations"


async def test_own_and_foreign_changes(recorded: Recorded, target: ConfigurationId) -> None:
    """What others changed meanwhile differs from what this program changed."""
    setup, code = recorded.setup, target.code
    mine = await setup.create_action(code, target.key, PULL)
    theirs = await recorded.other.create_action(code, target.key, PULL)
    with user_act() as act:
        await setup.delete_action(code, target.key, mine.key)
        await setup.delete_configuration(code, target.key)

    found = list(changes_of(DiskHistory(recorded.path, recorded.account.connection), code))

    assert [(one.change.kind, one.change.action, one.call is not None) for one in found] == [
        (CREATED, mine.key, True),
        (CREATED, theirs.key, False),
        (DELETED, mine.key, True),
        (ChangeKind.CONFIGURATION_DELETED, "", True),
        (DELETED, theirs.key, True),
    ]
    assert all(one.after <= one.call.at <= one.before for one in found if one.call)
    assert [one.call.act for one in found[2:] if one.call] == [act] * 3
    assert [len(calls) for calls in acts_of(calls_of(DiskHistory(recorded.path), code))] == [1, 2]
    assert (
        changes_of(DiskHistory(recorded.path, recorded.account.connection), code, since=now_ms())
        == []
    )


@pytest.mark.parametrize("seed", range(2))
async def test_any_sequence_of_changes(
    recorded: Recorded, target: ConfigurationId, seed: int
) -> None:
    """Each change is found, and with the hand that made it, in whatever order two hands work."""
    choose = random.Random(seed)  # noqa: S311 no secret
    expected: dict[tuple[ChangeKind, str], bool] = {}
    for _ in range(12):
        own = choose.random() < 0.5
        hand = recorded.setup if own else recorded.other
        listed = await recorded.other.actions(target.code, target.key)
        if listed and choose.random() < 0.4:
            key = choose.choice(listed).key
            await hand.delete_action(target.code, target.key, key)
            expected[DELETED, key] = own
        else:
            made = await hand.create_action(target.code, target.key, PULL)
            expected[CREATED, made.key] = own
    async with recorded.recorder:
        await read_route(recorded.setup, target.code)

    found = changes_of(DiskHistory(recorded.path, recorded.account.connection), target.code)

    seen = {(one.change.kind, one.change.action): one.call is not None for one in found}
    assert len(seen) == len(found)
    assert seen.items() <= expected.items()
    # Only what others made and took away again between two readings is not seen.
    missing = expected.keys() - seen.keys()
    assert {key for _, key in missing} <= {
        key for (kind, key), own in expected.items() if kind is CREATED and not own
    }
    assert all(not expected[one] for one in missing)


def route(*actions: dict[str, Any]) -> bytes:
    state = ConfigurationState("K", tuple(map(read_action, actions)), {"key": "K"})
    return route_bytes(InboundRoute((state,)))


def see(path: Path, at: int, content: bytes) -> None:
    store_routes(path, "c", [SeenRoute("a", content, TimeSpan(at, at))])


def record(
    path: Path, method: str, place: str, *, state: str = "", answer: str = "", sent: str = ""
) -> int:
    """Record a call on application "a" at this moment, with its outcome if it has one."""
    content = {"kind": "change", "method": method, "path": BASE + place, "after": sent}
    entry = AuditEntry("c", "a", msgspec.json.encode(content).decode())
    number = append_audit(path, entry)
    if state:
        ended = msgspec.json.encode({"state": state, "answer": answer}).decode()
        append_audit(path, AuditEntry("c", "a", ended, number))
    return number


def around(path: Path, before: bytes, act: Callable[[], object], after: bytes) -> list[Any]:
    """Return the changes between two states between which something was recorded."""
    see(path, now_ms() - 1, before)
    act()
    see(path, now_ms() + 1, after)
    return list(changes_of(DiskHistory(path, "c"), "a"))


def test_a_mixed_interval_is_split(tmp_path: Path) -> None:
    """Of several changes between two readings each has its own cause."""
    path = tmp_path / "archive.sqlite3"
    one, two, three = ({"key": key, "type": "PULL"} for key in "123")

    def act() -> None:
        record(path, "POST", "/K/actions", state="done", answer='{"key":"2"}')
        record(path, "DELETE", "/K/actions/3", state="refused")

    found = around(path, route(one, three), act, route(two))

    assert sorted((each.change.action, each.call is not None) for each in found) == [
        ("1", False),
        ("2", True),
        ("3", False),
    ]


def test_an_answer_that_names_no_key(tmp_path: Path) -> None:
    """One call explains one action that is like the one that was sent, not its twin."""
    path = tmp_path / "archive.sqlite3"
    action = {"type": "HTTP_FORWARD", "forwardUrl": "https://u:p@a/?token=1"}

    sent = redact(msgspec.json.encode(action))

    found = around(
        path,
        route(),
        lambda: record(path, "POST", "/K/actions", state="done", sent=sent),
        route({"key": "1", **action}, {"key": "2", **action}, {"key": "3", "type": "PULL"}),
    )

    assert [each.call is not None for each in found] == [True, False, False]


def test_an_interrupted_call_may_explain_a_change(tmp_path: Path) -> None:
    """Its outcome stays unknown; one that was never sent explains nothing."""
    path = tmp_path / "archive.sqlite3"
    action = {"key": "1", "type": "PULL"}
    [found] = around(path, route(action), lambda: record(path, "DELETE", "/K/actions/1"), route())
    assert found.call.outcome is CallState.UNKNOWN
    assert found.call.ended_at is None

    [*_, again] = around(
        path, route(), lambda: record(path, "POST", "/K/actions", state="not sent"), route(action)
    )
    assert again.call is None


def test_a_configuration_without_a_key_in_the_answer(tmp_path: Path) -> None:
    """It is the one that appeared."""
    path = tmp_path / "archive.sqlite3"
    empty = route_bytes(InboundRoute())

    [found] = around(path, empty, lambda: record(path, "POST", "", state="done"), route())

    assert found.change.kind is ChangeKind.CONFIGURATION_CREATED
    assert found.call


def test_a_damaged_state_is_left_out(tmp_path: Path) -> None:
    """It would look as if everything was deleted, and created again."""
    path = tmp_path / "archive.sqlite3"
    one, two = ({"key": key, "type": "PULL"} for key in "12")
    for at, content in ((1, route(one)), (2, b"{"), (3, route(one, two))):
        see(path, at, content)
    for at, content in ((1, b'{"name":1}'), (2, b"["), (3, b'{"name":1}')):
        store_applications(path, "c", {"a": content}, TimeSpan(at, at))

    [found] = changes_of(DiskHistory(path, "c"), "a")

    assert (found.change.action, found.after, found.before) == ("2", 1, 3)
    assert state_at(path, "c", "a", 2).route is None


def test_a_change_whose_audit_was_removed(tmp_path: Path) -> None:
    """It may have been made here or elsewhere: neither is claimed."""
    path = tmp_path / "archive.sqlite3"
    day = 86_400_000
    old = now_ms() - 50 * day
    append_audit(path, AuditEntry("c", "a", "{}"), lambda: old)
    for at in (old - day, old + day):
        see(path, at, route(*([{"key": "1", "type": "PULL"}] if at > old else [])))
    assert [one.origin for one in changes_of(DiskHistory(path, "c"), "a")] == [
        ChangeOrigin.ELSEWHERE
    ]
    with Archive(path) as archive:
        archive.trust_clock()

    remove(path, preview_removal(path, 30), days=30, reason="", place="Test")
    see(path, now_ms() + 5, route())

    found = changes_of(DiskHistory(path, "c"), "a")
    assert [one.origin for one in found] == [ChangeOrigin.UNKNOWN] * 2
    assert "was removed" in dict(change_event(found[0]).details)["By"]
    assert "2 changes of unknown origin" in what_changed_since_it_worked(path, "c", "a").answer
    see(path, now_ms() + 9, route({"key": "2", "type": "PULL"}))
    assert changes_of(DiskHistory(path, "c"), "a")[-1].origin is ChangeOrigin.ELSEWHERE


def test_fields_of_an_application_change_elsewhere(tmp_path: Path) -> None:
    """No call of this program changes them; damaged rows of the audit explain nothing."""
    path = tmp_path / "archive.sqlite3"
    assert changes_of(DiskHistory(path, "c"), "a") == []
    for at, name in enumerate((b"1", b"2")):
        store_applications(path, "c", {"a": b'{"name":%s}' % name}, TimeSpan(at, at))
    for content in ("{", '{"kind":"pull"}', '{"kind":"change","path":"/else"}'):
        append_audit(path, AuditEntry("c", "a", content))

    [found] = changes_of(DiskHistory(path, "c"), "a")

    assert (found.change.kind, found.after, found.before) == (ChangeKind.APPLICATION_EDITED, 0, 1)
    assert found.call is None
