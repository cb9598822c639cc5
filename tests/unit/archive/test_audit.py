"""The audit finds every change of its rows, and several processes append to one chain."""

from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ibconsole.archive.archive import Archive
from ibconsole.archive.audit import (
    AuditEntry,
    AuditFilter,
    append_audit,
    read_audit,
    verify_audit,
)
from ibconsole.archive.errors import ArchiveError
from tests.unit.archive.processes import process, read_words

TEXTS = ("connection", "application", "content", "hash")
OPEN = "DROP TRIGGER audit_changed; DROP TRIGGER audit_deleted;"


def change(path: Path, *queries: str, values: tuple[bytes, ...] = ()) -> None:
    """Change the file with another program."""
    db = apsw.Connection(str(path))
    for query in queries:
        db.execute(query, values if "?" in query else ()).fetchall()
    db.close()


def fill(path: Path, calls: int = 3) -> Path:
    """Append some calls with their outcomes."""
    for number in range(calls):
        entry = AuditEntry(f"connection {number % 2}", f"app {number}", f'{{"n": {number}}}')
        intent = append_audit(path, entry)
        append_audit(path, AuditEntry(entry.connection, entry.application, '{"s": 1}', intent))
    return path


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An audit of six rows, whose triggers are gone."""
    path = fill(tmp_path_factory.mktemp("audit") / "archive.sqlite3")
    change(path, OPEN)
    return path


def test_an_archive_without_calls_is_whole(path: Path) -> None:
    Archive(path).close()
    assert (verify_audit(path).rows, verify_audit(path).broken) == (0, None)
    assert list(read_audit(path, AuditFilter())) == []


def test_calls_are_read_with_their_outcomes(path: Path) -> None:
    fill(path)
    interrupted = append_audit(path, AuditEntry("connection 0", "app \udcff", "{}"))

    rows = list(read_audit(path, AuditFilter()))

    assert [row.number for row in rows] == [1, 3, 5, interrupted]
    assert [row.outcome for row in rows] == ['{"s": 1}'] * 3 + [None]
    assert verify_audit(path).rows == interrupted


def test_filters(path: Path) -> None:
    fill(path)
    chosen = [
        AuditFilter(connection="connection 1"),
        AuditFilter(application="app 1"),
        AuditFilter(since=1 << 60),
        AuditFilter(until=1 << 60),
    ]
    assert [len(list(read_audit(path, one))) for one in chosen] == [1, 1, 0, 3]


@pytest.mark.parametrize("query", ["UPDATE audit SET content = ''", "DELETE FROM audit"])
def test_rows_are_only_appended(path: Path, query: str) -> None:
    fill(path)
    with pytest.raises(apsw.ConstraintError):
        change(path, query)
    assert verify_audit(path).broken is None


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    row=st.integers(1, 6),
    column=st.sampled_from(TEXTS),
    place=st.integers(0, 200),
    bit=st.integers(0, 7),
)
def test_any_flipped_byte_is_found(
    filled: Path, row: int, column: str, place: int, bit: int
) -> None:
    """Whatever bit of whatever text is flipped, its row is named; flipped back, all is whole."""
    db = apsw.Connection(str(filled))
    query = f"SELECT CAST({column} AS BLOB) FROM audit WHERE id = {row}"  # noqa: S608 names
    [(text,)] = db.execute(query).fetchall()
    db.close()
    assert isinstance(text, bytes)
    flipped = bytearray(text)
    flipped[place % len(flipped)] ^= 1 << bit
    update = f"UPDATE audit SET {column} = CAST(? AS TEXT) WHERE id = {row}"  # noqa: S608 names

    change(filled, update, values=(bytes(flipped),))
    try:
        assert verify_audit(filled).broken == row
        list(read_audit(filled, AuditFilter()))  # can still be read
    finally:
        change(filled, update, values=(text,))
    assert verify_audit(filled).broken is None


@pytest.mark.parametrize(
    ("query", "broken"),
    [
        ("UPDATE audit SET at = at + 1 WHERE id = 2", 2),
        ("UPDATE audit SET intent = NULL WHERE id = 4", 4),
        ("UPDATE audit SET connection = connection || application, application = ''", 1),
        ("DELETE FROM audit WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 3", 3),
        ("DELETE FROM audit WHERE id = 6", 6),
        ("DELETE FROM audit WHERE id > 2", 3),
        ("DELETE FROM audit", 1),
        ("UPDATE audit SET id = 7 WHERE id = 6", 6),
        ("UPDATE fact SET value = 'x' WHERE name = 'audit'", 6),
        ("UPDATE fact SET value = CAST(x'ff' AS TEXT) WHERE name = 'audit'", 6),
        ("DELETE FROM fact WHERE name = 'audit'", 6),
        ("UPDATE fact SET value = 'another' WHERE name = 'archive'", 1),
        ("INSERT INTO audit VALUES (7, NULL, 0, '', '', '{}', 'x')", 7),
    ],
)
def test_removed_moved_and_added_rows_are_found(path: Path, query: str, broken: int) -> None:
    change(fill(path), OPEN, query)
    found = verify_audit(path)
    assert (found.broken, bool(found.problem)) == (broken, True)


def test_a_replaced_end_is_found_with_a_hash_that_was_kept(path: Path) -> None:
    kept = verify_audit(fill(path))
    backup = path.with_name("earlier.sqlite3")
    first = verify_audit(fill(backup, 1))
    identity = "UPDATE fact SET value = 'same' WHERE name = 'archive'"
    assert first.hash != kept.hash

    change(path, OPEN, "DELETE FROM audit", "DELETE FROM fact WHERE name = 'audit'", identity)
    fill(path)

    assert verify_audit(path).broken is None
    assert verify_audit(path, (kept.rows, kept.hash)).broken == kept.rows
    assert verify_audit(path, (kept.rows + 1, kept.hash)).broken == kept.rows + 1


def test_nothing_is_appended_behind_a_removed_row(path: Path) -> None:
    change(fill(path), OPEN, "DELETE FROM audit WHERE id = 6")
    with pytest.raises(ArchiveError, match="audit verify"):
        append_audit(path, AuditEntry("", "", "{}"))


def test_deleting_all_messages_leaves_the_audit(path: Path) -> None:
    fill(path)
    with Archive(path) as archive:
        assert archive.delete_batch("connection 0") == (0, 0)
        archive.delete_batch_below(1 << 40)
        archive.begin_purge()
        while archive.purge():
            pass
        archive.recover()
    assert verify_audit(path).rows == 6


@pytest.mark.slow
def test_processes_append_to_one_chain(path: Path) -> None:
    """Two processes append at the same time; no row is lost, and none is written twice."""
    script = """
say("ready"); sys.stdin.readline()
for number in range(20):
    append_audit(path, AuditEntry("c", "a", "{}"))
say("done")
"""
    Archive(path).close()
    with process(script, path) as one, process(script, path) as two:
        for child in (one, two):
            assert read_words(child) == ["ready"]
        for child in (one, two):
            assert child.stdin
            child.stdin.write("\n")
            child.stdin.flush()
        for child in (one, two):
            assert read_words(child) == ["done"]

    found = verify_audit(path)
    assert (found.rows, found.broken) == (40, None)


@pytest.mark.slow
def test_an_intent_survives_a_kill(path: Path) -> None:
    """The row is on the disk when `append_audit` returns, however the process ends."""
    script = 'say(append_audit(path, AuditEntry("c", "a", "{}"))); sys.stdin.readline()'
    with process(script, path) as child:
        assert read_words(child) == ["1"]
        child.kill()

    assert [row.outcome for row in read_audit(path, AuditFilter())] == [None]
    with Archive(path) as archive:
        archive.recover()
    assert [row.outcome for row in read_audit(path, AuditFilter())] == [None]
    assert verify_audit(path).broken is None
