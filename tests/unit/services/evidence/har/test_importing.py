"""Messages and payloads from archives."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.importing import ImportResult
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Via
from ibconsole.model.reading import encode
from ibconsole.services.evidence.har.importing import (
    HarImport,
    NoSuchEntry,
    import_har,
    import_har_file,
    payload_of,
)
from ibconsole.services.evidence.har.reading import HarDocument
from tests.unit.archive.deliveries import arrival, batch, pull
from tests.unit.services.evidence.har.samples import CODE, deliveries_of, entry, har

BODY = batch({"messageId": "1", "text": "eins"}, {"messageId": "2"}).decode()
JSON = [{"name": "Content-Type", "value": "application/json"}]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    with Archive(path) as archive:
        yield archive


def imported(archive: Archive, *entries: dict[str, object]) -> HarImport:
    return import_har(HarDocument(har(*entries), "x.har"), archive, lambda _: None)


def test_forwards_and_pulls_are_imported_once(archive: Archive, path: Path) -> None:
    """A POST of messages is a forward, an answer to a pull is a pull; the body is as recorded."""
    forward = entry(postData={"text": BODY}, headers=JSON, response={"status": 503, "content": {}})
    answered = {"status": 200, "headers": JSON, "content": {"text": BODY.replace("eins", "zwei")}}
    pulled = entry(
        method="GET", url="https://x.example/push/1/inbox/reports?limit=2", response=answered
    )
    other = entry(method="GET", url="https://x.example/logo.png")

    first = imported(archive, forward, pulled, other)
    again = imported(archive, forward, pulled, other)

    assert first == HarImport(ImportResult(2, 4, 0), others=1)
    assert again == HarImport(ImportResult(0, 0, 4), others=1)
    with Reader(path) as reader:
        [one, two] = reader.deliveries([1, 2])
        assert reader.delivery_body(1) == BODY.encode()
    assert (one.via, one.method, one.target, one.status) == (Via.FORWARD, "POST", "/in?a=1", 200)
    assert one.problem == "Imported from an HTTP archive (HAR); its endpoint answered 503."
    assert one.origin.startswith("har")
    assert (one.began_at, one.ended_at) == (1_767_323_045_678, 1_767_323_045_690)
    assert (two.via, two.base_url, two.status) == (Via.PULL, "https://x.example", 200)
    assert first.sentence == (
        "4 messages imported, of 2 new pulls or forwards; 0 were there already."
        " 1 other entry is no pull and no forward of messages."
    )


def test_what_was_exported_comes_back(archive: Archive, path: Path, tmp_path: Path) -> None:
    """An export with readable codes is imported into another archive, and is known in its own."""
    pull(archive, batch({"messageId": "1", "applicationCode": CODE}))
    archive.decode(
        archive.add_forwards([arrival(batch({"messageId": "2", "applicationCode": CODE}))])
    )
    readable, masked = tmp_path / "a.har", tmp_path / "b.har"
    readable.write_bytes(deliveries_of(path, mask=False))
    masked.write_bytes(deliveries_of(path))
    other = tmp_path / "other.sqlite3"

    assert import_har_file(readable, path, lambda _: None).imported == ImportResult(0, 0, 2)
    assert import_har_file(readable, other, lambda _: None).imported == ImportResult(2, 2, 0)
    refused = import_har_file(masked, other, lambda _: None)

    assert (refused.masked, refused.imported) == (2, ImportResult())
    assert "2 entries skipped, because their bodies are masked" in refused.sentence
    with Reader(other) as reader:
        assert [one.message_id for one in reader.messages(Filter())] == ["1", "2"]


def test_entries_that_cannot_be_read_are_listed(archive: Archive) -> None:
    """They are counted, and the first twenty are named."""
    found = imported(archive, *[{}] * 21)

    assert (found.skipped, len(found.skipped_numbers)) == (21, 20)
    assert found.sentence.endswith("19, 20 and more.")


def test_wrapped_envelopes(archive: Archive) -> None:
    """What a gateway has wrapped is a forward as well; other JSON is none."""
    wrapped = entry(postData={"text": encode({"body": BODY}).decode()}, headers=JSON)
    others = [
        entry(postData={"text": text}) for text in ('{"a":1}', '{"results":[]}', "no", '{"text":1}')
    ]

    found = imported(archive, wrapped, *others, entry(url="http://[x", method="GET"))

    assert (found.imported.messages, found.others) == (2, 5)


def test_payloads() -> None:
    """The first POST with a body is the payload of a test, or the entry that is named."""
    document = HarDocument(
        har(entry(method="GET"), {}, entry(postData={"text": "a"}), entry(postData={"text": "b"})),
        "x.har",
    )

    assert (payload_of(document), payload_of(document, 4)) == (b"a", b"b")
    with pytest.raises(NoSuchEntry, match="entry 1"):
        payload_of(document, 1)
    with pytest.raises(NoSuchEntry, match="a POST"):
        payload_of(HarDocument(har(), "x.har"))


def test_large_imports_are_stored_in_parts(archive: Archive) -> None:
    """An import of many entries is stored in parts, and the last part is not left out."""
    entries = [
        entry(postData={"text": batch({"messageId": str(number)}).decode()})
        for number in range(201)
    ]

    assert imported(archive, *entries).imported == ImportResult(201, 201, 0)
