"""The commands of `ibconsole case` that pin, export and verify."""

import json
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.records import ForwardTestRecord
from ibconsole.services.runtime.paths import find_paths
from tests.unit.archive.deliveries import batch, forward, pull
from tests.unit.cli.conftest import Command
from tests.unit.services.evidence.cases.samples import PNG
from tests.unit.services.evidence.har.samples import CODE


@pytest.fixture
def received(ibconsole: Command) -> Command:
    """Run a command line with an archive, in which a case was begun."""
    with Archive(find_paths().archive) as archive:
        pull(archive, batch({"messageId": "1", "applicationCode": CODE, "text": "eins"}))
        forward(archive, {"messageId": "2", "applicationCode": CODE, "text": "zwei"})
        facts = '{"verdict":{"counts":"no","sentence":"No."}}'
        archive.add_forward_test(
            ForwardTestRecord(0, 1, "https://x.example/in", 500, b"{}", b"no", facts)
        )
    ibconsole("case", "new", "Nothing arrives")
    return ibconsole


def test_what_was_received_is_added_and_exported(received: Command, tmp_path: Path) -> None:
    """Messages, deliveries, tests and pictures are pinned, exported without codes, and verified."""
    picture, target = tmp_path / "pane.png", tmp_path / "out.zip"
    picture.write_bytes(PNG)
    added = received(
        *("case", "add", "--message", "1", "--message", "2", "--forward", "2", "--test", "last"),
        *("--picture", str(picture), "--comment", "Look."),
    )
    preview = received("case", "export", "--preview", "--json").json
    table = received("case", "export", "--preview")
    exported = received("case", "export", str(target), "--texts", "kept", "--json")
    again = received("case", "export", str(target))
    verified = received("case", "verify", str(target), "--json").json

    assert added.err.count("Added: ") == 5
    assert preview["counts"]["application code"] >= 2
    assert preview["remarks"] == [
        "1 picture will be left out: nothing in a picture can be redacted."
    ]
    assert "item 1.applicationCode" in table.out
    assert (exported.code, again.code) == (0, 1)
    assert exported.json["target"] == str(target)
    assert "exists already" in again.err
    assert (verified["items"], verified["redacted"]) == (5, True)
    assert CODE.encode() not in target.read_bytes()
    assert "5 items, as exported" in received("case", "verify", str(target)).out
    assert received("case", "export", str(target), "--force").code == 0


def test_an_account_is_added(on_account: Command, ibconsole: Command, tmp_path: Path) -> None:
    """Findings, setup and a timeline are pinned; their facts are kept once, without the key."""
    ibconsole("case", "new", "Setup")
    added = on_account("case", "add", "--findings", "--setup", "--no-probes")
    assert added.code == 0
    items = ibconsole("case", "show", "--json").json["items"]
    name = json.loads(on_account("apps", "list", "--json").out)[0]["name"]
    timeline = on_account("case", "add", "--timeline", name, "--since", "7d")
    exported = ibconsole("case", "export", str(tmp_path / "out"))

    assert {one["kind"] for one in items} == {"finding", "setup"}
    assert items[-1]["title"].startswith("Setup of all applications")
    assert timeline.code == 0, timeline.err
    assert exported.code == 0, exported.err
    assert "IBC-" in (tmp_path / "out" / "case.md").read_text()


def test_what_cannot_be_added(received: Command, tmp_path: Path) -> None:
    """A wrong number or file is one sentence, and nothing at all is wrong usage."""
    for arguments, words in (
        (("--test", "9"), "no forward test 9"),
        (("--message", "99"), "no message 99"),
        (("--picture", str(tmp_path / "none.png")), "cannot be read"),
    ):
        refused = received("case", "add", *arguments)
        assert refused.code == 1
        assert words in refused.err
    assert received("case", "add").code == 2
    assert received("case", "export").code == 2
    assert received("case", "show", "--json").json["items"] == []
