"""`ibconsole sender` with an archive of the test."""

import json
from pathlib import Path

from msgspec.structs import replace

from ibconsole.archive.archive import Archive
from ibconsole.services.runtime.paths import find_paths
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.cli.conftest import Command

BODY = batch({"messageId": "1"})
RAW = b"POST /in HTTP/1.1\r\nhost: h\r\nuser-agent: Sender/7\r\ncontent-length: 9\r\n\r\n" + BODY


def receive() -> None:
    with Archive(find_paths().archive) as archive:
        archive.decode(archive.add_forwards([replace(arrival(BODY, arrived_at=9_000), raw=RAW)]))


def test_an_archive_without_forwards(ibconsole: Command, tmp_path: Path) -> None:
    """Nothing is known: exit code 1, and a sentence; an export writes nothing."""
    result = ibconsole("sender", "show")
    exported = ibconsole("sender", "export", str(tmp_path / "x.json"))

    assert (result.code, result.out) == (1, "")
    assert "not known" in result.err
    assert (exported.code, (tmp_path / "x.json").exists()) == (1, False)
    assert ibconsole("sender", "show", "--json").json is None


def test_facts_are_shown(ibconsole: Command) -> None:
    """Each fact has its number and time; --json has them for programs."""
    receive()
    result = ibconsole("sender", "show")

    assert result.code == 0
    assert "user-agent:" in result.out
    assert "1970-01-01 00:00 UTC" in result.out
    assert "Learned from 1 of 1 forward" in result.err
    assert "not observed" in result.out
    shown = ibconsole("sender", "show", "--json").json
    assert shown["observed"] == 1
    assert shown["unknowns"][0]["observation"] is None


def test_an_export_replaces_nothing(ibconsole: Command, tmp_path: Path) -> None:
    """An existing file is replaced by --force alone; - is stdout."""
    receive()
    file = tmp_path / "sender.json"

    assert ibconsole("sender", "export", str(file)).code == 0
    assert json.loads(file.read_bytes())["observed"] == 1
    again = ibconsole("sender", "export", str(file))
    assert (again.code, "--force" in again.err) == (1, True)
    assert ibconsole("sender", "export", "--force", str(file)).code == 0
    assert ibconsole("sender", "export", "-").json["version"] == 1
    missing = ibconsole("sender", "export", str(tmp_path / "no" / "x.json"))
    assert (missing.code, "could not be written" in missing.err) == (1, True)
