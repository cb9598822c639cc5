"""The acts of users in words, from the rows of the audit."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from ibconsole.archive.audit import AuditEntry, append_audit
from ibconsole.archive.history.points import store_applications
from ibconsole.clock import TimeSpan
from ibconsole.services.setup.multi_step import StepState
from ibconsole.services.setup.plans.acts import (
    UndoState,
    application_names,
    describe_acts,
    describe_changes,
    naming,
    next_to_undo,
    planned_names,
    read_acts,
)
from ibconsole.services.setup.plans.plan import Plan, PlanKind, PlannedStep, StepKind, StepProgress
from ibconsole.services.setup.plans.plan_journal import JournalledPlan, PlanState

ROOT = "/push/1/applications/the%20code/configurations"
STEP = PlannedStep(number=1, kind=StepKind.CREATE_CONFIGURATION, application="the code")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


def append(
    path: Path, method: str, url: str, outcome: dict[str, Any] | None, **values: str
) -> None:
    """Append a call with its outcome, None for one that was interrupted."""
    content = {"kind": "change", "method": method, "path": url, "user": "anna", "host": "pc"}
    text = msgspec.json.encode({**content, **values}).decode()
    number = append_audit(path, AuditEntry("c", values.get("code", "the code"), text))
    if outcome is not None:
        append_audit(path, AuditEntry("c", "", msgspec.json.encode(outcome).decode(), number))


def done(answer: str = "") -> dict[str, Any]:
    return {"state": "done", "answer": answer}


def test_without_an_archive_there_are_no_acts(path: Path) -> None:
    assert read_acts(path, "c") == ()
    assert application_names(path, "c") == {}


def test_the_calls_of_an_act_belong_together(path: Path) -> None:
    """Pulls and other connections are no part of it, and what was refused changed nothing."""
    append(path, "POST", ROOT, done('{"key":"k1"}'), act="one", reason="ticket 7", place="Window")
    append(path, "GET", "/push/1/inbox/reports", done(), kind="pull", act="pull")
    append(path, "POST", f"{ROOT}/k1/actions", done('{"key":"a1"}'), act="one", after="{}")
    before = '{"actions":[1,2]}'
    append(path, "DELETE", f"{ROOT}/k%2F2", {"state": "unknown"}, act="two", before=before)
    append(path, "DELETE", f"{ROOT}/k1/actions/a1", {"state": "refused"}, act="one")
    append(path, "DELETE", f"{ROOT}/k1/actions/a2", None)
    append(path, "PUT", "/elsewhere", done(), act="odd")

    acts = read_acts(path, "c")

    assert [act.id for act in acts] == ["odd", "row-11", "two", "one"]
    assert [(one.user, one.place, one.stated) for one in acts[-1:]] == [
        ("anna@pc", "Window", "ticket 7")
    ]
    assert [(one.kind, one.configuration, one.key, one.is_certain) for one in acts[3].changes] == [
        (StepKind.CREATE_CONFIGURATION, "", "k1", True),
        (StepKind.CREATE_ACTION, "k1", "a1", True),
    ]
    assert [(one.key, one.is_certain) for one in acts[2].changes] == [("k/2", False)]
    assert [describe_changes(act, str.title) for act in acts] == [
        "A change without effect of The Code",
        "Delete action of The Code (perhaps)",
        "Delete configuration with 2 actions of The Code (perhaps)",
        "Create configuration, create action of The Code",
    ]
    assert read_acts(path, "other") == []


@pytest.mark.parametrize("answer", ["", "[", '"x"', "{}", '{"key":""}', "<html>"])
def test_a_key_that_was_not_answered_is_not_known(path: Path, answer: str) -> None:
    append(path, "POST", ROOT, done(answer), act="one")
    append(path, "POST", f"{ROOT}/k/actions", done(answer), act="one")
    assert [change.key for change in read_acts(path, "c")[0].changes] == ["", ""]


def test_many_applications_are_counted(path: Path) -> None:
    for code in ("one", "two", "three"):
        append(path, "POST", ROOT.replace("the%20code", code), done(), act="a", code=code)
    [act] = read_acts(path, "c")
    assert describe_changes(act, str) == "Create 3 configurations of 3 applications"


def test_applications_have_their_names(path: Path) -> None:
    content = {"a": b'{"applicationCode":"a","name":"Shop"}', "b": b"[]"}
    store_applications(path, "c", content, TimeSpan(1, 2))

    name_of = naming(application_names(path, "c"))

    assert (name_of("a"), name_of("0123456789abcdef")) == ("Shop", "0123…cdef")


def test_plans_name_applications_as_well() -> None:
    plan = undo_plan("u", "first", PlanState.DONE).plan
    named = replace(plan, steps=(replace(STEP, application="a", application_name="Shop"),))
    assert planned_names([JournalledPlan(named, PlanState.DONE, {})]) == {"a": "Shop"}


@pytest.mark.parametrize(("made", "words"), [(1, "Undo: first (1 of 2 steps)"), (2, "Undo: first")])
def test_an_interrupted_plan_says_how_much_is_made(path: Path, made: int, words: str) -> None:
    append(path, "POST", ROOT, done(), act="u")
    plan = undo_plan("u", "first", PlanState.STOPPED, made=made)
    [act] = describe_acts(read_acts(path, "c"), [plan], str)
    assert act.what == words


def undo_plan(act: str, undoes: str, state: PlanState, made: int = 2) -> JournalledPlan:
    plan = Plan(
        id=act,
        connection="c",
        base_url="",
        kind=PlanKind.UNDO,
        title=f"Undo: {undoes}",
        steps=(STEP, replace(STEP, number=2)),
        expected={},
        made_at=1,
        undoes=undoes,
    )
    progress = {number: StepProgress(number, StepState.DONE) for number in range(1, made + 1)}
    return JournalledPlan(plan, state, progress)


@pytest.mark.parametrize(
    ("plans", "state", "following"),
    [
        ([], UndoState.DONE, "first"),
        ([undo_plan("u", "first", PlanState.FAILED, made=0)], UndoState.DONE, "first"),
        ([undo_plan("u", "first", PlanState.STOPPED, made=1)], UndoState.PARTLY_UNDONE, "first"),
        ([undo_plan("u", "first", PlanState.RUNNING)], UndoState.UNDONE, None),  # then killed
        ([undo_plan("u", "first", PlanState.DONE)], UndoState.UNDONE, None),
        (
            [undo_plan("r", "u", PlanState.DONE), undo_plan("u", "first", PlanState.DONE)],
            UndoState.DONE,
            "first",
        ),
    ],
)
def test_the_last_undo_decides(
    path: Path, plans: list[JournalledPlan], state: UndoState, following: str | None
) -> None:
    """An undo that was undone does not count; it is not itself what Ctrl+Z undoes next."""
    for act in ("first", *(found.plan.id for found in reversed(plans))):
        append(path, "POST", ROOT, done(), act=act)

    acts = describe_acts(read_acts(path, "c"), plans, str)

    assert acts[-1].state is state
    assert acts[-1].can_be_undone is (state is not UndoState.UNDONE)
    assert bool(acts[-1].reason) is (state is UndoState.UNDONE)
    found = next_to_undo(acts)
    assert (found.id if found else None) == following
    assert [act.undoes for act in acts[:-1]] == [one.plan.undoes for one in plans]
