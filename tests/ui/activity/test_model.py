"""The list of requests, its filter, and the details of a request."""

from datetime import UTC

import pytest
from pytestqt.modeltest import ModelTester

from ibconsole.errors import Severity
from ibconsole.services.request_log.log import Entry
from ibconsole.ui.activity.model import (
    ActivityFilter,
    ActivityModel,
    describe_entry,
    searchable_text,
    status_of,
)
from ibconsole.ui.toolkit.times import TimeDisplay

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a"
URL = f"https://x.io/push/1/applications/{CODE}/configurations"


def entry(number: int = 1, **changes: object) -> Entry:
    values = {"id": number, "started_at": 1, "method": "GET", "url": URL, "status": 200}
    return Entry(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def model(qapp: object) -> ActivityModel:
    return ActivityModel(TimeDisplay())


def paths(model: ActivityModel) -> list[str]:
    return [model.index(row, 4).data() for row in range(model.rowCount())]


@pytest.mark.parametrize(
    ("filter_", "status", "matches"),
    [
        (ActivityFilter(), 500, True),
        (ActivityFilter("APPLICATIONS get"), 200, True),
        (ActivityFilter("applications post"), 200, False),
        (ActivityFilter(only_failures=True), 200, False),
        (ActivityFilter("get", only_failures=True), 500, True),
    ],
)
def test_filter(filter_: ActivityFilter, status: int, *, matches: bool) -> None:
    """A request matches if it has all words in any case, and failed if only failures are shown."""
    request = entry(status=status)

    assert filter_.matches(request, searchable_text(request)) is matches


def test_rows(model: ActivityModel, qtmodeltester: ModelTester) -> None:
    """Requests are listed newest first; filtered ones are kept, old ones dropped."""
    model.add([entry(1), entry(2, status=500), entry(3)], oldest=1)
    model.set_filter(ActivityFilter(only_failures=True))
    assert (model.rowCount(), model.total) == (1, 3)

    model.set_filter(ActivityFilter())
    model.add([entry(4)], oldest=3)
    assert [model.id_at(row) for row in range(model.rowCount())] == [4, 3]
    qtmodeltester.check(model)


def test_codes(model: ActivityModel) -> None:
    """Application codes are masked in the list until they are shown."""
    model.add([entry()], oldest=1)
    assert CODE not in paths(model)[0]
    assert "2336…el4a" in paths(model)[0]

    model.show_codes(on=True)
    assert CODE in paths(model)[0]


@pytest.mark.parametrize("codes", [False, True])
def test_details(*, codes: bool) -> None:
    """Codes are masked in URL, headers, bodies and problem alike, unless they are shown."""
    body = f'{{"code":"{CODE}"}}'.encode()
    request = entry(
        request_headers=(("X-Code", CODE),),
        request_body=body,
        request_size=len(body),
        answer_body=body,
        answer_size=len(body),
        problem=f"{CODE} is refused.",
    )

    details = describe_entry(request, UTC, codes=codes)

    for text in (repr(details.summary), details.request.text, details.answer.text):
        assert (CODE in text) is codes
    assert details.summary.remarks[0].severity == Severity.DANGER


def test_bodies_that_are_not_kept() -> None:
    """A body of which only a part was kept, or none, says so."""
    part = describe_entry(
        entry(answer_body=b'{"a":1}', answer_size=100_000, request_size=12), UTC, codes=False
    )
    assert part.answer.note.startswith("Only the beginning of 100,000 bytes is kept here.")
    assert part.request.note == "12 bytes, which are not kept here."
    assert describe_entry(entry(), UTC, codes=False).request.note == "There is no body."


def test_pull() -> None:
    """The body of a pull is in the archive, and the summary warns that it was handed out once."""
    pull = entry(url="https://x.io/push/1/inbox/reports?limit=2", answer_size=9)

    details = describe_entry(pull, UTC, codes=False)

    assert "in the archive" in details.answer.note
    assert [remark.severity for remark in details.summary.remarks] == [Severity.INFO]


def test_status_of_no_answer() -> None:
    """A request without an answer has a dash as its status."""
    assert (status_of(entry()), status_of(entry(status=None))) == ("200", "\N{EN DASH}")
