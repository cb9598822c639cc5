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
    AuditRemoval,
    append_audit,
    audit_row_hash,
    preview_audit_removal,
    read_audit,
    read_stored_row,
    remove_audit,
    verify_audit,
)
from ibconsole.archive.errors import ArchiveError
from ibconsole.archive.schema import archive_snapshot
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


def test_a_stored_row_can_be_hashed_again(path: Path) -> None:
    """The hash of a row is that of its columns and of the row before it."""
    fill(path)
    with archive_snapshot(path) as db:
        first, third, missing = (read_stored_row(db, number) for number in (1, 3, 2))

    assert missing is None  # an outcome
    for row in (first, third):
        assert row
        texts = (row.connection, row.application, row.content)
        assert audit_row_hash(row.before, (row.number, None, row.at), texts) == row.hash


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


NOW = 1_700_000_000_000
DAY = 24 * 3_600_000


def append(path: Path, days: int, intent: int | None = None) -> int:
    """Append a row with a time of some days before NOW."""
    return append_audit(path, AuditEntry("", "", "{}", intent), lambda: NOW - days * DAY)


def fill_with_age(path: Path, *days: int) -> Path:
    """Append a call with its outcome for each number of days before NOW."""
    for before in days:
        append(path, before, append(path, before))
    return path


def preview(path: Path, days: int) -> AuditRemoval:
    return preview_audit_removal(path, days, lambda: NOW)


def remove(path: Path, removal: AuditRemoval) -> None:
    def describe(found: AuditRemoval) -> tuple[str, str]:
        intent = f'{{"removed_until": "{found.last}", "removed_hash": "{found.hash}"}}'
        return intent, '{"state": "done"}'

    remove_audit(path, removal, describe, lambda: NOW)


def test_old_rows_are_removed_and_the_chain_goes_on(path: Path) -> None:
    """A row of the chain says what was removed; the triggers refuse everything else again."""
    fill_with_age(path, 90, 60, 40, 5)
    removal = preview(path, 50)
    assert (removal.last, removal.rows) == (4, 4)
    assert (removal.oldest, removal.newest) == (NOW - 90 * DAY, NOW - 60 * DAY)
    remove(path, removal)

    found = verify_audit(path)
    assert (found.broken, found.last, found.rows) == (None, 10, 6)
    assert (found.removed, found.removed_at) == (4, NOW)
    with pytest.raises(apsw.ConstraintError):
        change(path, "DELETE FROM audit")
    assert [row.number for row in read_audit(path, AuditFilter())] == [5, 7, 9]

    remove(path, preview(path, 30))
    assert (verify_audit(path).removed, verify_audit(path).rows) == (6, 6)
    fill(path)
    assert verify_audit(path).broken is None
    assert verify_audit(path, (6, removal.hash)).broken == 6
    assert verify_audit(path, (4, removal.hash)).broken is None  # cannot be compared any more


@pytest.mark.parametrize(
    ("query", "broken"),
    [
        ("DELETE FROM fact WHERE name = 'audit_removed'", 1),
        ("UPDATE fact SET value = 'x' WHERE name = 'audit_removed'", 1),
        ("UPDATE fact SET value = '3' || substr(value, 2) WHERE name = 'audit_removed'", 4),
        ("UPDATE fact SET value = '4 ' || (SELECT hash FROM audit WHERE id = 5) || ' 9'"
         " WHERE name = 'audit_removed'", 5),
        ("UPDATE fact SET value = substr(value, 1, 67) || '5' WHERE name = 'audit_removed'", 1),
        ("UPDATE audit SET content = '{}' WHERE id = 9", 9),
        ("DELETE FROM audit WHERE id = 5", 5),
        ("DELETE FROM audit WHERE id > 8", 9),
    ],
)  # fmt: skip
def test_what_was_not_removed_on_purpose_is_missing(path: Path, query: str, broken: int) -> None:
    remove(path, preview(fill_with_age(path, 90, 60, 40, 5), 50))
    change(path, OPEN, query)
    found = verify_audit(path)
    assert (found.broken, bool(found.problem)) == (broken, True)


def test_only_the_oldest_rows_are_removed(path: Path) -> None:
    """Times do not decide alone: what follows a young row stays, and a call keeps its outcome."""
    fill_with_age(path, 90, 5, 90)
    assert preview(path, 30).last == 2

    split = path.with_name("split.sqlite3")
    fill_with_age(split, 60)
    intents = [append(split, 60) for _ in range(3)]
    append(split, 0, intents[1])
    assert preview(split, 30).last == 3
    append(split, 0, intents[0])
    assert preview(split, 30).last == 2
    assert preview(split, 90).rows == 0


def test_what_waits_for_a_team_is_not_removed(path: Path) -> None:
    """A call that the archive of a team does not have yet stays, however old it is."""
    fill_with_age(path, 90, 80, 60)
    row = "INSERT INTO team_outbox (connection, kind, key, at) VALUES ('c', 'audit', 4, 0)"
    change(path, row)

    assert preview(path, 30).last == 2


def test_the_clock_is_doubted(path: Path) -> None:
    """Without anything received, and also if it is far from what was received last."""
    fill_with_age(path, 90, 5)
    assert preview(path, 30).doubted_since == NOW - 5 * DAY
    for trusted, doubted in ((NOW - DAY, None), (NOW - 40 * DAY, NOW - 40 * DAY)):
        query = "INSERT OR REPLACE INTO counter VALUES ('trusted_time', CAST(? AS INTEGER))"
        change(path, query, values=(str(trusted).encode(),))
        assert preview(path, 30).doubted_since == doubted


def test_nothing_is_removed_from_a_broken_audit(path: Path) -> None:
    """Neither if its rows were changed, nor if they were removed meanwhile by another process."""
    removal = preview(fill_with_age(path, 90, 60, 5), 30)
    remove(path, removal)
    with pytest.raises(ArchiveError, match="nothing was removed"):
        remove(path, removal)

    change(path, OPEN, "UPDATE audit SET content = '' WHERE id = 5")
    with pytest.raises(ArchiveError, match="nothing was removed"):
        remove(path, preview(path, 0))
    assert verify_audit(path).broken == 5


def test_a_replaced_end_is_found_with_a_hash_that_was_kept(path: Path) -> None:
    kept = verify_audit(fill(path))
    backup = path.with_name("earlier.sqlite3")
    first = verify_audit(fill(backup, 1))
    identity = "UPDATE fact SET value = 'same' WHERE name = 'archive'"
    assert first.hash != kept.hash

    change(path, OPEN, "DELETE FROM audit", "DELETE FROM fact WHERE name = 'audit'", identity)
    fill(path)

    assert verify_audit(path).broken is None
    assert verify_audit(path, (kept.last, kept.hash)).broken == kept.last
    assert verify_audit(path, (kept.last + 1, kept.hash)).broken == kept.last + 1


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
