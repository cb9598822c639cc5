"""The audit is read by the call, the newest first, in pages, and through filters."""

from functools import partial
from pathlib import Path

import apsw
import pytest

from ibconsole.archive import ArchiveError, AuditEntry, AuditFilter, AuditReader, append_audit
from ibconsole.archive.archive import Archive
from ibconsole.archive.audit.calls import read_audit
from ibconsole.archive.errors import JobCancelled

DAY = 24 * 3_600_000
CALLS = (
    ("a", "", '{"account": "Acme", "kind": "pull", "path": "/push/1/inbox/reports"}'),
    ("a", "app 1", '{"account": "Acme", "reason": "Größe, TICKET 7", "path": "/x"}'),
    ("b", "app 2", '{"account": "Bora", "after": "{\\"url\\": \\"https://a.example/in\\"}"}'),
    ("b", "", "no JSON at all"),
)


@pytest.fixture
def path(path: Path) -> Path:
    """Four calls, one a day, of which the last has no outcome."""
    for number, (connection, application, content) in enumerate(CALLS):
        at = number * DAY
        entry = AuditEntry(connection, application, content)
        intent = append_audit(path, entry, partial(int, at))
        if number < 3:
            ended = AuditEntry("", "", '{"state": "done", "problem": "50% \\\\ odd_"}', intent)
            append_audit(path, ended, partial(int, at + 1))
    return path


def _numbers(path: Path, **chosen: object) -> list[int]:
    with AuditReader(path) as reader:
        page = reader.page(AuditFilter(**chosen))  # type: ignore[arg-type]
    assert [row.number for row in read_audit(path, AuditFilter(**chosen))] == [  # type: ignore[arg-type]
        row.number for row in reversed(page.rows)
    ]
    return [row.number for row in page.rows]


def test_a_call_has_its_outcome(path: Path) -> None:
    with AuditReader(path) as reader:
        newest, *_, oldest = reader.page(AuditFilter()).rows
    assert (newest.number, newest.outcome, newest.ended_at) == (7, None, None)
    assert (oldest.number, oldest.at, oldest.ended_at) == (1, 0, 1)
    assert (oldest.connection, oldest.application, oldest.content) == CALLS[0]


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [
        ({}, [7, 5, 3, 1]),
        ({"connection": "a"}, [3, 1]),
        ({"application": "app 2"}, [5]),
        ({"connection": "a", "application": "app 2"}, []),
        ({"since": DAY}, [7, 5, 3]),
        ({"since": DAY, "until": 3 * DAY}, [5, 3]),
        ({"text": "ticket größe"}, [3]),
        ({"text": "GRÖSSE"}, [3]),
        ({"text": "grösse"}, [3]),
        ({"text": "Gro\N{COMBINING DIAERESIS}ße"}, [3]),
        ({"text": "a.example/in"}, [5]),
        ({"text": "acme", "connection": "b"}, []),
        ({"text": "50% odd_"}, [5, 3, 1]),
        ({"text": "50_"}, []),
        ({"text": "account"}, []),  # the name of a value
        ({"text": "no json"}, [7]),
        ({"text": "x " * 1000}, [5, 3, 1]),
    ],
)
def test_filters(path: Path, chosen: dict[str, object], numbers: list[int]) -> None:
    assert _numbers(path, **chosen) == numbers


def test_pages_go_on_where_the_last_one_ended(path: Path) -> None:
    with AuditReader(path) as reader:
        first = reader.page(AuditFilter(), size=3)
        second = reader.page(AuditFilter(), first.rest, size=3)
        whole = reader.page(AuditFilter(), size=4)
    assert ([row.number for row in first.rows], first.rest) == ([7, 5, 3], 3)
    assert ([row.number for row in second.rows], second.rest) == ([1], None)
    assert (len(whole.rows), whole.rest) == (4, None)


def test_rows_are_read_again_by_their_numbers(path: Path) -> None:
    """So the outcome of a call that was under way appears; the head says that there is one."""
    with AuditReader(path) as reader:
        before = reader.head()
        assert [row.number for row in reader.rows([7, 1, 99])] == [1, 7]
        assert reader.rows([]) == []
        append_audit(path, AuditEntry("", "", '{"state": "done"}', 7))
        assert reader.head() != before
        assert [row.outcome for row in reader.rows([7])] == ['{"state": "done"}']


def test_the_latest_calls_name_what_there_is_to_choose(path: Path) -> None:
    append_audit(path, AuditEntry("a", "app 1", '{"account": "Acme 2"}'))
    with AuditReader(path) as reader:
        found = [(row.connection, row.application, row.number) for row in reader.latest()]
    assert found == [("a", "", 1), ("b", "app 2", 5), ("b", "", 7), ("a", "app 1", 8)]


def test_a_search_can_be_given_up(path: Path) -> None:
    db = apsw.Connection(str(path))
    db.execute(
        "WITH RECURSIVE n (n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM n WHERE n < 9000)"
        " INSERT INTO audit SELECT n, NULL, 0, '', '', '{}', '' FROM n"
    )
    db.close()
    with AuditReader(path) as reader, pytest.raises(JobCancelled):
        reader.page(AuditFilter(text="zzz"), cancelled=lambda: True)


def test_an_empty_and_a_missing_archive(tmp_path: Path) -> None:
    empty = tmp_path / "archive.sqlite3"
    with pytest.raises(ArchiveError):
        AuditReader(empty)
    Archive(empty).close()
    with AuditReader(empty) as reader:
        assert (reader.head(), reader.page(AuditFilter()).rows) == ("", ())
