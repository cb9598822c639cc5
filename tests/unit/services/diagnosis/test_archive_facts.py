"""The facts of the archive."""

from pathlib import Path

import pytest

from ibconsole.archive import Archive, ForwardTestRecord, RecentPull
from ibconsole.services.diagnosis.archive_facts import (
    StoredFacts,
    latest_tests,
    pull_facts,
    read_archive,
)
from ibconsole.services.diagnosis.rules import PullFacts
from ibconsole.services.forward_test import Delivered, ForwardTest, Ladder, RungKind, SentTest
from ibconsole.services.forward_test.verdict import Verdict
from tests.unit.archive.deliveries import arrival, batch, pull

CODE = "code-of-kestrel-0001"
_TEST_FACTS = '{"verdict":{"counts":"yes","sentence":"Yes."}}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


def test_no_archive(path: Path) -> None:
    """A missing archive has no facts, and is not created."""
    assert read_archive(path, "c", [CODE], []) == StoredFacts(pulls=PullFacts())
    assert not path.exists()


def test_everything(path: Path) -> None:
    """Arrivals, pulls, tests and refused requests are found."""
    with Archive(path) as archive:
        archive.decode(archive.add_forwards([arrival(batch({"applicationCode": CODE}))]))
        archive.add_forwards([arrival(b"{}", arrived_at=9, status=404)])
        pull(archive, batch({"applicationCode": "other"}, pending=3))
        record = ForwardTestRecord(0, 5, "https://a.aero/in", 200, b"{}", b"", _TEST_FACTS)
        archive.add_forward_test(record)
    found = read_archive(path, "c", [CODE], ["https://a.aero/in", "https://b.aero/in"])

    assert found.exists
    assert found.arrivals.keys() == {CODE}
    assert found.pulls
    assert [one.pending for one in found.pulls.pulls] == [3]
    assert found.tests.keys() == {"https://a.aero/in"}
    assert found.refused
    assert (found.refused.count, found.refused.status) == (1, 404)


def test_the_tests_of_a_ladder() -> None:
    """Of a ladder's tests the first counts; a later test of the same URL is the latest."""

    def test(number: int, *parts: int) -> ForwardTest:
        sent = [SentTest("x", RungKind.SENDERS, Delivered.YES, id=part) for part in parts]
        ladder = Ladder("u", number, "", sent=tuple(sent)) if parts else None
        verdict = Verdict(Delivered.YES, "Yes.")
        return ForwardTest(number, "u", b"", verdict, ladder=ladder, id=number)

    assert latest_tests([test(3), test(1, 1, 2, 3)])["u"].id == 1
    assert latest_tests([test(4), test(1, 1, 2, 3)])["u"].id == 4
    assert latest_tests([test(5)])["u"].id == 5


def recent(messages: int, pending: int | None, **fields: bool) -> RecentPull:
    known = {"complete": True, "interrupted": False, "salvaged": False, **fields}
    return RecentPull(0, 200, messages, messages, pending, problem="", **known)


@pytest.mark.parametrize(
    ("pulls", "competing"),
    [
        ([(10, 5), (10, 40), (10, 80)], True),  # 80 - 10 - 40 and 40 - 10 - 5 disappeared
        ([(10, 60), (10, 70), (10, 80)], False),
        ([(10, 5), (10, 70), (10, 80)], False),  # one gap is no evidence
        ([(10, None), (10, 40), (10, 80)], False),
    ],
)
def test_competing_consumers(pulls: list[tuple[int, int | None]], competing: bool) -> None:
    """Messages that disappear between pulls in a row are found in the archive, too."""
    assert bool(pull_facts([recent(*one) for one in pulls]).competing) is competing
