"""The requests of a case as HAR."""

import json
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ibconsole.services.evidence.bundles.document import BlobFile
from ibconsole.services.evidence.bundles.har_entries import write_har
from ibconsole.services.evidence.cases import Blob, Case, ForwardContent
from tests.unit.services.diagnosis.samples import NOW
from tests.unit.services.evidence.cases.samples import case_of, full_case, item
from tests.unit.services.evidence.har.samples import SCHEMA


def entries(case: Case, data: bytes | None = b"{}") -> list[dict[str, Any]]:
    """Return the entries of a case, which are as the schema says."""

    def find(_: Blob) -> BlobFile | None:
        return None if data is None else BlobFile("raw/x", data)

    value = json.loads(write_har(case, find))
    assert SCHEMA.accepts(value)
    found: list[dict[str, Any]] = value["log"]["entries"]
    return found


def test_each_request_once(tmp_path: Path) -> None:
    """A forward that brought a pinned message is one entry, with the answer of its rule."""
    _, case = full_case(tmp_path)
    forward, pull, test = entries(case)

    assert forward["response"]["status"] == 503
    assert "By rule “busy”" in forward["response"]["comment"]
    assert pull["_ibconsole"]["kind"] == "pull"
    assert test["request"]["url"] == "https://hooks.kestrel.aero/in/9f8a"
    assert len(entries(case, None)) == 3


def test_other_forwards() -> None:
    """A request of the program, one that is no HTTP, and what was really sent are there."""
    request = ForwardContent(
        via="request", method="GET", target="https://a.example/push/1/applications",
        began_at=NOW, status=200, answer_seconds=0.5,
    )  # fmt: skip
    broken = ForwardContent(began_at=NOW)
    sent = replace(
        broken, method="POST", target="/", answered_by="r", answer_end="hang",
        answer_outcome="left", answer_seconds=2.1,
    )  # fmt: skip
    case = case_of(*(item(one, str(at)) for at, one in enumerate((request, broken, sent))))
    first, second, third = entries(case)

    assert (first["time"], first["_ibconsole"]["kind"]) == (500, "request")
    assert second["request"]["method"] == "UNKNOWN"
    assert "The sender left after 2.1 s" in third["response"]["comment"]
