"""Requests, tests and archives for the tests of HAR."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ibconsole.archive import Reader
from ibconsole.archive.records import Filter
from ibconsole.services.evidence.har.redaction import LogRedaction
from ibconsole.services.evidence.har.writing import HarWriter
from tests.unit.services.json_schema import Schema

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a"
SCHEMA = Schema(str(Path(__file__).parents[4] / "samples" / "har.schema.json"))


def document(file: io.BytesIO) -> Any:
    """Return the log of a document, which is as the schema says."""
    value = json.loads(file.getvalue())
    assert SCHEMA.accepts(value)
    return value["log"]


def deliveries_of(path: Path, criteria: Filter | None = None, *, mask: bool = True) -> bytes:
    """Export the deliveries of an archive."""
    file = io.BytesIO()
    with Reader(path) as reader:
        writer = HarWriter(LogRedaction(mask=mask), masked=mask)
        writer.write_deliveries(file, reader, criteria or Filter(), lambda _: None)
    assert SCHEMA.accepts(json.loads(file.getvalue()))
    return file.getvalue()


def entry(**request: object) -> dict[str, Any]:
    """Return an entry as another program writes it."""
    answered = request.pop("response", {"status": 200, "content": {}})
    own = request.pop("own", None)
    values: dict[str, Any] = {
        "startedDateTime": "2026-01-02T03:04:05.678Z",
        "time": 12.5,
        "request": {"method": "POST", "url": "https://x.example/in?a=1", "headers": [], **request},
        "response": answered,
    }
    return {**values, "_ibconsole": own} if own else values


def har(*entries: Mapping[str, object]) -> bytes:
    """Return an archive as another program writes it."""
    log = {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": list(entries)}
    return json.dumps({"log": log}).encode()
