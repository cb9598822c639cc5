"""Plans, their steps, and the keys of what was created again, as they are stored.

A step that is about to be sent is committed as such before its request, and its end after it: what
a process that was killed has left open is known to the next one. What the texts mean is known to
the services alone.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import apsw
import msgspec

from ibconsole.archive import archive_snapshot, archive_transaction, fetch
from ibconsole.files import is_missing

_STEPS = "SELECT plan, number, state, at, key, problem FROM setup_step"
_PLAN = "SELECT id, connection, made_at, kind, state, undoes, content FROM setup_plan"


class StoredPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan as it is stored; `content` is JSON, `made_at` in milliseconds since the epoch."""

    id: str
    connection: str
    made_at: int
    kind: str
    state: str
    content: str
    undoes: str = ""


class StoredStep(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a step at a time; `key` is that of what it created."""

    number: int
    state: str
    at: int
    key: str = ""
    problem: str = ""


def store_plan(path: Path, plan: StoredPlan) -> bool:
    """Store a plan that is new, or of which no step was begun; return whether that was so.

    Raises ArchiveError.
    """
    with archive_transaction(path) as db:
        if fetch(db, "SELECT 1 FROM setup_step WHERE plan = ? LIMIT 1", (plan.id,)):
            return False
        fetch(
            db,
            "INSERT INTO setup_plan (id, connection, made_at, kind, state, undoes, content)"
            " VALUES (:id, :connection, :made_at, :kind, :state, :undoes, :content)"
            " ON CONFLICT (id) DO UPDATE SET state = :state, content = :content",
            msgspec.structs.asdict(plan),
        )
    return True


def set_plan_state(path: Path, plan: str, state: str) -> None:
    """Change the state of a plan. Raises ArchiveError."""
    with archive_transaction(path) as db:
        fetch(db, "UPDATE setup_plan SET state = ? WHERE id = ?", (state, plan))


def record_step(path: Path, plan: str, step: StoredStep, *, replaces: str = "") -> None:
    """Record the state of a step, on the disk when this returns.

    `replaces` is the former key of what the step created; see `current_keys`. Raises ArchiveError.
    """
    with archive_transaction(path) as db:
        fetch(
            db,
            "INSERT INTO setup_step (plan, number, state, at, key, problem)"
            " VALUES (:plan, :number, :state, :at, :key, :problem)"
            " ON CONFLICT (plan, number) DO UPDATE SET"
            " state = :state, at = :at, key = :key, problem = :problem",
            {"plan": plan, **msgspec.structs.asdict(step)},
        )
        if replaces and step.key and replaces != step.key:
            _replace_key(db, plan, replaces, step)


def read_plan(path: Path, plan: str) -> StoredPlan | None:
    """Read a plan; None if there is none of this id. Raises ArchiveError."""
    found = _read_plans(path, "WHERE id = ?", plan)
    return found[0] if found else None


def read_plans(path: Path, connection: str) -> Sequence[StoredPlan]:
    """Read the plans of a connection, the newest first. Raises ArchiveError."""
    return _read_plans(path, "WHERE connection = ? ORDER BY made_at DESC, id", connection)


def read_steps(path: Path, plan: str) -> Sequence[StoredStep]:
    """Read the steps of a plan that were begun, in order. Raises ArchiveError."""
    return _read_steps(path, "plan = ?", plan).get(plan, ())


def read_all_steps(path: Path, connection: str) -> Mapping[str, Sequence[StoredStep]]:
    """Read the steps of all plans of a connection, as `read_steps` does, by the id of the plan."""
    return _read_steps(path, "plan IN (SELECT id FROM setup_plan WHERE connection = ?)", connection)


def current_keys(path: Path, connection: str) -> Mapping[str, str]:
    """Read the present key of each configuration and action that was created again, by its former.

    An object that was created again several times is found by each of its former keys. Raises
    ArchiveError.
    """
    if is_missing(path):
        return {}
    with archive_snapshot(path) as db:
        return dict(
            fetch(db, "SELECT former, current FROM setup_key WHERE connection = ?", (connection,))
        )


def store_applied(path: Path, connection: str, applied: Mapping[str, str], at: int) -> None:
    """Store what was applied last to applications, by their codes. Raises ArchiveError."""
    with archive_transaction(path) as db:
        for application, content in applied.items():
            fetch(
                db,
                "INSERT INTO setup_applied (connection, application, at, content)"
                " VALUES (?, ?, ?, ?) ON CONFLICT (connection, application) DO UPDATE"
                " SET at = excluded.at, content = excluded.content",
                (connection, application, at, content),
            )


def read_applied(path: Path, connection: str) -> Mapping[str, str]:
    """Read what was applied last to each application of a connection, by its code.

    Raises ArchiveError.
    """
    if is_missing(path):
        return {}
    query = "SELECT application, content FROM setup_applied WHERE connection = ?"
    with archive_snapshot(path) as db:
        return dict(fetch(db, query, (connection,)))


def _read_steps(path: Path, condition: str, value: str) -> Mapping[str, Sequence[StoredStep]]:
    found: dict[str, list[StoredStep]] = {}
    if is_missing(path):
        return found
    with archive_snapshot(path) as db:
        rows = fetch(
            db,
            f"{_STEPS} WHERE {condition} ORDER BY plan, number",
            (value,),
        )
    for plan, number, state, at, key, problem in rows:
        step = StoredStep(number=number, state=state, at=at, key=key, problem=problem)
        found.setdefault(plan, []).append(step)
    return found


def _read_plans(path: Path, condition: str, value: str) -> Sequence[StoredPlan]:
    if is_missing(path):
        return ()
    with archive_snapshot(path) as db:
        rows = fetch(db, f"{_PLAN} {condition}", (value,))
    return [
        StoredPlan(
            id=plan,
            connection=connection,
            made_at=made_at,
            kind=kind,
            state=state,
            undoes=undoes,
            content=content,
        )
        for plan, connection, made_at, kind, state, undoes, content in rows
    ]


def _replace_key(db: apsw.Connection, plan: str, former: str, step: StoredStep) -> None:
    """Note the new key of an object, also for the keys that it was known by before."""
    [(connection,)] = fetch(db, "SELECT connection FROM setup_plan WHERE id = ?", (plan,))
    fetch(
        db,
        "UPDATE setup_key SET current = ?, at = ? WHERE connection = ? AND current = ?",
        (step.key, step.at, connection, former),
    )
    fetch(
        db,
        "INSERT INTO setup_key (connection, former, current, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (connection, former) DO UPDATE"
        " SET current = excluded.current, at = excluded.at",
        (connection, former, step.key, step.at),
    )
