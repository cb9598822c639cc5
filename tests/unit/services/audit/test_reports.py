"""The audit as it is listed and exported."""

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.archive import AuditEntry, AuditFilter, AuditRow, append_audit
from ibconsole.services.audit.exporting import csv_header, csv_row
from ibconsole.services.audit.reports import (
    COLUMNS,
    audit_rows,
    describe_act,
    describe_outcome_of,
    describe_row,
    describe_verification,
    verify,
)

CODE = "0123456789abcdef0123456789abcdef"
CONTENT = f'{{"user": "anna", "path": "/push/1/applications/{CODE}/x", "before": "{CODE}"}}'


def row(content: str = CONTENT, outcome: str | None = None) -> AuditRow:
    return AuditRow(1, 0, "c", CODE, content, None if outcome is None else 1, outcome)


def test_codes_are_masked_everywhere() -> None:
    shown = describe_row(row(outcome=f'{{"state": "done", "answer": "{CODE}"}}'))
    assert CODE not in str(shown)
    assert (shown["application"], shown["user"], shown["outcome"]) == (
        "0123…cdef",
        "anna",
        "done",
    )
    assert tuple(shown) == COLUMNS


def test_a_call_without_an_outcome_has_one_that_is_not_known() -> None:
    shown = describe_row(row())
    assert (shown["outcome"], shown["ended_at"], shown["status"]) == ("not known", "", None)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (None, "not known"),
        ('{"state": "refused", "status": 409}', "refused (409)"),
        ('{"state": "done", "status": 200, "messages": 1, "pending": 1234}',
         "done (200), 1 message, 1,234 still waiting"),
        ('{"state": "done", "status": 200, "messages": 0, "pending": 0, "pulls": 120}',
         "done (200), 0 messages, 120 pulls"),
        ('{"state": "not sent", "messages": "x", "pulls": []}', "not sent"),
    ],
)  # fmt: skip
def test_an_outcome_in_words(outcome: str | None, words: str) -> None:
    assert describe_outcome_of(describe_row(row(outcome=outcome))) == words


ACTIONS = "/push/1/applications/x/configurations/c/actions"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"kind": "pull", "path": "/push/1/inbox/reports?limit=1000"}, "Pull up to 1,000 messages"),
        ({"kind": "pull", "path": "/push/1/inbox/reports"}, "Pull messages"),
        ({"method": "POST", "path": ACTIONS, "after": '{"type": "PULL"}'}, "Create action: pull"),
        (
            {"method": "DELETE", "path": f"{ACTIONS}/k", "before": '{"forwardUrl": "https://a"}'},
            "Delete action: forward to https://a",
        ),
        ({"method": "DELETE", "path": f"{ACTIONS}/k"}, "Delete action"),
        (
            {"method": "POST", "path": "/push/1/applications/x/configurations"},
            "Create configuration",
        ),
        (
            {"method": "DELETE", "path": "/push/1/applications/x/configurations/c"},
            "Delete configuration",
        ),
        ({"method": "PATCH", "path": "/push/2/x"}, "PATCH /push/2/x"),
        (
            {"kind": "test", "path": "http://h/", "after": '{"messages": 2}'},
            "Send 2 messages to http://h/",
        ),
        ({"kind": "test", "path": "http://h/"}, "Send a test to http://h/"),
        ({"kind": "removal", "after": "2 rows"}, "Remove rows of the audit: 2 rows"),
    ],
)
def test_a_call_in_words(call: dict[str, str], words: str) -> None:
    assert describe_act(describe_row(row(json.dumps(call)))) == words


@given(st.text(), st.none() | st.text())
def test_whatever_is_stored_can_be_shown(content: str, outcome: str | None) -> None:
    shown = describe_row(row(content, outcome))
    csv_row(shown)
    describe_act(shown)


def test_csv_has_every_column_and_no_formula() -> None:
    shown = describe_row(row('{"user": "=1+1", "reason": "a\\"b"}'))
    lines = (csv_header() + csv_row(shown)).decode().splitlines()
    names, values = csv.reader(lines)
    assert tuple(names) == COLUMNS
    found = dict(zip(names, values, strict=True))
    assert (found["user"], found["reason"], found["row"]) == ("'=1+1", 'a"b', "1")


def test_without_an_archive_the_audit_is_empty(path: Path) -> None:
    assert list(audit_rows(path, AuditFilter())) == []
    assert describe_verification(verify(path)) == "The audit is empty."
    assert verify(path, (3, "x")).broken == 1
    assert not path.parent.exists()


def test_a_verification_names_what_it_cannot_see(path: Path) -> None:
    append_audit(path, AuditEntry("", "", "{}"))
    found = verify(path)
    assert f"--kept 1:{found.hash}" in describe_verification(found)
    broken = describe_verification(verify(path, (1, "x")))
    assert "broken at row 1" in broken


@pytest.mark.parametrize("content", ["[]", "1", "{", ""])
def test_content_that_is_no_object_is_empty(content: str) -> None:
    assert describe_row(row(content, content))["user"] == ""
