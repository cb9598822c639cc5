"""Documents: complete, redacted, in order, and as the schema says."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, ForwardTestRecord, Via
from ibconsole.model.reading import encode
from ibconsole.services.evidence.har.writing import (
    HarOptions,
    HarSummary,
    export_deliveries,
    export_tests,
    har_writer,
    save_requests,
)
from ibconsole.services.protection import NotPermitted, Policy, PolicyInForce, ShownCodes
from ibconsole.services.request_log import Entry
from tests.unit.archive.deliveries import arrival, batch, forward, pull
from tests.unit.services.evidence.har.samples import CODE, deliveries_of, document


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    with Archive(path) as archive:
        pull(archive, batch({"messageId": "1", "applicationCode": CODE, "text": "eins"}))
        forward(archive, {"messageId": "2", "applicationCode": CODE, "text": "\U0001f642"})
        archive.decode(archive.add_forwards([arrival(b"\xff\x00", status=404)]))
        yield archive


@pytest.mark.usefixtures("archive")
def test_everything_that_was_received(path: Path) -> None:
    """Pulls, forwards and refused requests are there, with masked codes; a filter narrows it."""
    everything = json.loads(deliveries_of(path))["log"]["entries"]
    forwards = json.loads(deliveries_of(path, Filter(via=Via.FORWARD)))["log"]["entries"]
    readable = deliveries_of(path, mask=False)

    assert [one["_ibconsole"]["kind"] for one in everything] == ["pull", "forward", "forward"]
    assert CODE not in json.dumps(everything)
    assert everything[0]["_ibconsole"]["masked"] == ["answer body"]
    assert [one["request"]["method"] for one in forwards] == ["POST"]
    assert json.loads(json.loads(readable)["log"]["entries"][1]["request"]["postData"]["text"])
    assert readable.count(CODE.encode()) == 2


@pytest.mark.usefixtures("archive")
def test_files(path: Path, tmp_path: Path) -> None:
    """A file is complete or absent, private, and says what it leaves out."""
    target = tmp_path / "out.har"

    written = export_deliveries(
        lambda: Reader(path), target, HarOptions(Filter(text="eins")), lambda _: None
    )

    assert written == HarSummary(1)
    assert written.remarks[-1].startswith("Application codes are masked")
    assert target.stat().st_mode & 0o777 == 0o600
    document(io.BytesIO(target.read_bytes()))
    with pytest.raises(Exception, match="exists already"):
        export_deliveries(lambda: Reader(path), target, HarOptions(), lambda _: None)


def test_tests_and_requests(archive: Archive, path: Path, tmp_path: Path) -> None:
    """Forward tests are in the order in which they were made; a cut answer is counted."""
    facts = encode({"verdict": {"counts": "no", "sentence": "No."}, "answer_size": 9}).decode()
    for at in (1, 2):
        archive.add_forward_test(
            ForwardTestRecord(0, at, "https://x.example/in", 500, b"{}", b"no", facts)
        )
    target = tmp_path / "tests.har"

    written = export_tests(path, target)
    saved = save_requests([Entry(started_at=1, method="GET", url="https://x.example/")], target)

    assert written.remarks[0] == "2 entries have a body that is not whole."
    assert saved == HarSummary(1)
    assert len(document(io.BytesIO(target.read_bytes()))["entries"]) == 1


def test_texts_that_no_json_can_hold() -> None:
    """Halves of a character in what was received do not break the document."""
    file = io.BytesIO()
    writer = har_writer(reveal_codes=True)
    writer.write_requests(
        file, [Entry(started_at=1, method="GET", url="https://x.example/\ud800", problem="\ud800")]
    )

    assert document(file)["entries"][0]["request"]["url"] == "https://x.example/�"
    assert writer.summary.remarks == ()


def test_codes_that_the_policy_masks() -> None:
    """Where a policy masks codes they are masked in every place, and cannot be revealed."""
    policy = PolicyInForce(Policy(forbid_revealed_codes=True), "policy.toml")

    with pytest.raises(NotPermitted):
        har_writer(reveal_codes=True, policy=lambda: policy)

    file = io.BytesIO()
    writer = har_writer(policy=lambda: policy)
    writer.write_requests(file, [Entry(started_at=1, method="GET", url=f"https://x/{CODE}")])
    assert CODE.encode() not in file.getvalue()
    assert isinstance(policy.codes, ShownCodes)
