"""The rows of the Health tab."""

import pytest
from msgspec.structs import replace

from ibconsole.ui.diagnosis.finding_rows import (
    details_of,
    row_to_read_first,
    rows_of_account,
    rows_of_application,
)
from tests.ui.diagnosis.records import DIAGNOSIS, FOUND


def test_the_questions_and_their_findings() -> None:
    """Each question is followed by its findings; a finding is listed once, the muted ones last."""
    rows = rows_of_application(DIAGNOSIS)

    assert [(row.order, row.name, row.word) for row in rows] == [
        (0, "1. Does it route?", "no"),
        (1, "IBC-1002", "error"),
        (2, "2. Was it attempted?", "not known"),
        (3, "IBC-1016", "note, muted"),
    ]


@pytest.mark.parametrize(
    ("word", "sentence", "explanation"),
    [
        ("no", "No: there is no action.", "There is no action."),
        ("yes", "Yes. Each message is posted.", "Each message is posted."),
        ("not known", "Not known: the setup was not read.", "The setup was not read."),
        ("no", "No action.", "No action."),
    ],
)
def test_a_reply_is_not_said_twice(word: str, sentence: str, explanation: str) -> None:
    """The explanation leaves out the reply, which has a column of its own."""
    row = replace(rows_of_application(DIAGNOSIS)[0], word=word, sentence=sentence)

    assert row.explanation == explanation


def test_all_findings() -> None:
    """All findings have the names of their applications."""
    assert [(row.name, row.application) for row in rows_of_account(FOUND)] == [
        ("IBC-1002", "App a"),
        ("IBC-1016", "App b"),
    ]


def test_findings_of_the_account_are_marked() -> None:
    """The Health column counts what an application has; the rows of its tab say what is not."""
    [finding, *_] = FOUND.shown
    of_account = replace(finding, subject=replace(finding.subject, application=""))

    [row] = rows_of_account(replace(FOUND, shown=(of_account,), muted=()))

    assert row.word == "error, account"


def test_details() -> None:
    """The details say why, what was seen when and where, how sure it is, and what to do."""
    step, finding, _, muted = map(details_of, rows_of_application(DIAGNOSIS))

    assert "- The setup was read. (the platform's list, 2025-10-09" in step
    assert finding.startswith("IBC-1002 (error): The configuration has no action")
    for word in (
        "About: App a",
        "Evidence:",
        "Remedy:",
        "Why:",
        "Confidence: documented",
        "refute",
    ):
        assert word in finding
    assert ": Known." in muted


def test_the_row_to_read_first() -> None:
    """The worst finding comes first, else a question answered no, else the first row."""
    rows = rows_of_application(DIAGNOSIS)
    assert row_to_read_first(rows) is rows[1]
    assert row_to_read_first([rows[2], rows[0], rows[3]]) is rows[0]
    assert row_to_read_first([rows[3]]) is rows[3]
    assert row_to_read_first([]) is None
