"""The proof of a message's way, as a file and from the archive."""

import json
from pathlib import Path

import pytest

from ibconsole.archive.ledger.records import Outcome
from tests.unit.cli.conftest import Command
from tests.unit.services.custody.samples import give_back, message, pulled_archive


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive with a message that was given back, and one of another application."""
    path = tmp_path / "data" / "archive.sqlite3"
    first, _ = pulled_archive(path, message(1), message(2, "other"))
    give_back(path, [first], [Outcome.ACKNOWLEDGED])
    return path


@pytest.mark.usefixtures("archive")
def test_a_record_is_verified_without_the_archive(ibconsole: Command, tmp_path: Path) -> None:
    """An exported file holds anywhere; one changed byte of it does not."""
    file = tmp_path / "m1.json"
    exported = ibconsole("custody", "export", "m1", "-o", str(file))
    assert (exported.code, exported.out) == (0, "")
    assert "--whole-body adds the body" in exported.err
    assert "credential" in exported.err

    elsewhere = ("--data-dir", str(tmp_path / "elsewhere"))
    whole = ibconsole("custody", "verify", str(file), *elsewhere)
    file.write_bytes(file.read_bytes().replace(b'"status\\":200', b'"status\\":201'))
    changed = ibconsole("custody", "verify", str(file), "--json", *elsewhere)

    assert whole.code == 0
    assert "acknowledged once at" in whole.out
    assert (changed.code, changed.json["holds"]) == (1, False)
    assert changed.json["sentence"].startswith("Broken: file, entries of the ledger (item 1).")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.usefixtures("archive")
def test_a_message_is_verified_in_the_archive(ibconsole: Command) -> None:
    """Without a file the hashes of the archive itself are recomputed, with the whole body."""
    found = ibconsole("custody", "verify", "1")

    assert found.code == 0
    assert "message in the body: The message is in the body" in found.out
    assert ibconsole("custody", "verify", "77").code == 1


@pytest.mark.usefixtures("archive")
def test_what_is_exported_can_be_chosen(ibconsole: Command, tmp_path: Path) -> None:
    """The body and the message can be left out; stdout and a replaced file are possible."""
    file = tmp_path / "m1.json"
    file.write_text("mine")
    whole = json.loads(ibconsole("custody", "export", "1", "-o", "-", "--whole-body").out)
    refused = ibconsole("custody", "export", "1", "-o", str(file))
    kept = file.read_text()
    forced = ibconsole("custody", "export", "1", "-o", str(file), "--force", "--hashes-only")
    bare = json.loads(file.read_bytes())

    assert whole["delivery"]["body"]
    assert (refused.code, kept, forced.code) == (1, "mine", 0)
    assert (bare["delivery"]["body"], bare["message"]["body"]) == (None, None)
    both = ibconsole("custody", "export", "1", "-o", "-", "--whole-body", "--hashes-only")
    assert both.code == 2


def test_what_is_no_record_is_refused(ibconsole: Command, tmp_path: Path) -> None:
    """Another file, a directory, and a wrong name are named in one sentence."""
    other = tmp_path / "other.json"
    other.write_text("{}")

    for name, said in (
        (str(other), "no custody record"),
        (str(tmp_path), "cannot be read"),
        ("othr.json", "no file othr.json"),
    ):
        found = ibconsole("custody", "verify", name)
        assert (found.code, found.out) == (1, "")
        assert said in found.err
