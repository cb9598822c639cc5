"""The journal of plans, as another process finds it."""

from pathlib import Path

import pytest

from ibconsole.archive.plans.journal import (
    StoredPlan,
    StoredStep,
    current_keys,
    read_all_steps,
    read_applied,
    read_plan,
    read_plans,
    read_steps,
    record_step,
    set_plan_state,
    store_applied,
    store_plan,
)

PLAN = StoredPlan(id="p", connection="c", made_at=5, kind="undo", state="planned", content="{}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


def test_without_an_archive_there_are_no_plans(path: Path) -> None:
    """Reading creates nothing."""
    assert read_plan(path, "p") is None
    assert not read_plans(path, "c")
    assert not read_steps(path, "p")
    assert current_keys(path, "c") == {}
    assert not path.exists()


def test_a_plan_is_read_as_it_was_stored(path: Path) -> None:
    assert store_plan(path, PLAN)
    later = StoredPlan(
        id="q", connection="c", made_at=6, kind="apply", state="planned", content="[]", undoes="p"
    )
    store_plan(path, later)

    assert read_plan(path, "p") == PLAN
    assert read_plans(path, "c") == [later, PLAN]
    assert read_plans(path, "other") == []


def test_a_plan_that_was_begun_stays_as_it_is(path: Path) -> None:
    """What was sent belongs to the steps that were stored then."""
    store_plan(path, PLAN)
    record_step(path, "p", StoredStep(number=1, state="under way", at=7))
    set_plan_state(path, "p", "running")

    changed = StoredPlan(
        id="p", connection="c", made_at=5, kind="undo", state="planned", content="[1]"
    )
    assert not store_plan(path, changed)

    found = read_plan(path, "p")
    assert found
    assert (found.state, found.content) == ("running", "{}")


def test_the_last_state_of_a_step_counts(path: Path) -> None:
    store_plan(path, PLAN)
    for state, key in (("under way", ""), ("done", "k")):
        record_step(path, "p", StoredStep(number=2, state=state, at=7, key=key, problem="?"))
    record_step(path, "p", StoredStep(number=1, state="done", at=6))

    assert read_steps(path, "p") == [
        StoredStep(number=1, state="done", at=6),
        StoredStep(number=2, state="done", at=7, key="k", problem="?"),
    ]
    assert read_all_steps(path, "c") == {"p": read_steps(path, "p")}
    assert read_all_steps(path, "other") == {}


def test_each_former_key_leads_to_the_present_one(path: Path) -> None:
    """An object that is deleted and created again several times stays the same for users."""
    store_plan(path, PLAN)
    for number, (former, key) in enumerate([("a", "b"), ("b", "c"), ("x", "x"), ("", "d")]):
        record_step(
            path, "p", StoredStep(number=number, state="done", at=7, key=key), replaces=former
        )

    assert current_keys(path, "c") == {"a": "c", "b": "c"}
    assert current_keys(path, "other") == {}


def test_what_was_applied_last_is_kept_for_each_application(tmp_path: Path) -> None:
    """A later apply replaces what an earlier one stored, for its own applications alone."""
    path = tmp_path / "archive.db"
    assert read_applied(path, "c") == {}

    store_applied(path, "c", {"a": "[1]", "b": "[2]"}, 5)
    store_applied(path, "c", {"a": "[3]"}, 6)
    store_applied(path, "d", {"a": "[4]"}, 7)

    assert read_applied(path, "c") == {"a": "[3]", "b": "[2]"}
