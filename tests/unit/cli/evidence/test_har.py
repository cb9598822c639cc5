"""The commands of `ibconsole har`."""

import json
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.records import ForwardTestRecord
from ibconsole.services.runtime.paths import find_paths
from tests.unit.archive.deliveries import batch, forward, pull
from tests.unit.cli.conftest import Command
from tests.unit.services.evidence.har.samples import CODE, entry, har

POSTED = '{"results":[{"messageId":"1","text":"x"}]}'


@pytest.fixture
def received(ibconsole: Command) -> Command:
    """Run a command line with an archive that has a pull, a forward and a test."""
    with Archive(find_paths().archive) as archive:
        pull(archive, batch({"messageId": "1", "applicationCode": CODE, "text": "eins"}))
        forward(archive, {"messageId": "2", "applicationCode": CODE, "text": "zwei"})
        facts = '{"verdict":{"counts":"no","sentence":"No."}}'
        archive.add_forward_test(
            ForwardTestRecord(0, 1, "https://x.example/in", 500, b"{}", b"no", facts)
        )
    return ibconsole


def test_what_was_received_is_exported(received: Command, tmp_path: Path) -> None:
    """Forwards and pulls are exported with masked codes, a filter narrows them."""
    target = tmp_path / "x.har"

    written = received("har", "export", "--output", str(target))
    again = received("har", "export", "--output", str(target))
    filtered = received("har", "export", "--via", "forward")
    readable = received("har", "export", "--reveal-codes", "--output", "-")

    assert (written.code, again.code) == (0, 1)
    assert written.err.splitlines()[0] == f"Exported 2 entries to {target}."
    assert CODE not in target.read_text()
    assert [one["request"]["method"] for one in filtered.json["log"]["entries"]] == ["POST"]
    assert readable.out.count(CODE) == 2


def test_forward_tests_are_exported(received: Command, tmp_path: Path) -> None:
    """Forward tests are exported by themselves, to a file or to stdout."""
    target = tmp_path / "x.har"

    printed = received("har", "export", "--tests")
    written = received("har", "export", "--tests", "--output", str(target))

    assert printed.json["log"]["entries"][0]["response"]["status"] == 500
    assert (written.code, json.loads(target.read_text())) == (0, printed.json)
    assert received("har", "export", "--tests", "--text", "x").code == 2


def test_messages_are_imported(ibconsole: Command, tmp_path: Path) -> None:
    """An archive of another program is listed, imported once, and gives a payload."""
    source = tmp_path / "x.har"
    source.write_bytes(
        har(entry(postData={"text": POSTED}, url="https://u:p@x.example/in"), {}, entry())
    )

    listed = ibconsole("har", "list", str(source), "--json")
    first = ibconsole("har", "import", str(source), "--json")
    again = ibconsole("har", "import", str(source))

    assert (listed.code, first.code, again.code) == (1, 1, 1)
    assert [one["entry"] for one in listed.json] == ["1", "3"]
    assert listed.json[0]["url"] == "https://••••@x.example/in"
    assert "1 entry cannot be read." in listed.err
    assert first.json == {
        "messages": 1,
        "deliveries": 1,
        "known": 0,
        "others": 1,
        "masked": 0,
        "skipped": 1,
        "entries": [2],
    }
    assert "1 were there already" in again.err
    assert "https" in ibconsole("har", "list", str(source)).out
    assert ibconsole("har", "payload", str(source)).out == POSTED
    assert ibconsole("har", "payload", str(source), "--entry", "3").code == 1


def test_what_is_no_archive(ibconsole: Command, tmp_path: Path) -> None:
    """A file that is no archive is refused with a sentence, and stdin is not taken."""
    source = tmp_path / "x.har"
    source.write_text("{}")

    assert "is no HTTP archive" in ibconsole("har", "import", str(source)).err
    assert ibconsole("har", "list", "-").code == 2
