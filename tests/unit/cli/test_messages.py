import gzip
import json
import os
import shutil
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import pytest

from ibconsole.archive.archive import Archive
from ibconsole.services.intake.spill_file import SpilledPull, SpillFile
from ibconsole.services.runtime.paths import find_paths
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.cli.conftest import Command

SAMPLES = Path(__file__).parents[2] / "samples"


def test_stored_messages_are_listed_shown_and_exported(
    on_account: Command, ibconsole: Command, tmp_path: Path
) -> None:
    """Messages are listed oldest first, shown with all fields and exported with masked codes."""
    results = on_account("pull", "--yes", "--json").json["results"]

    listed = ibconsole("messages", "list", "--json")
    lines = [json.loads(line) for line in listed.out.splitlines()]
    assert [line["messageId"] for line in lines] == [one["messageId"] for one in results]
    assert all(
        {**one, "_ibconsole": line["_ibconsole"]} == line
        for one, line in zip(results, lines, strict=True)
    )
    shown = ibconsole("messages", "show", "1", "--json").json
    assert shown == lines[0]
    assert ibconsole("messages", "show", "1").code == 0
    assert ibconsole("messages", "list").out.count("\n") == 8

    target = tmp_path / "out.jsonl"
    assert ibconsole("messages", "export", "--output", str(target)).code == 0
    code = str(results[0]["applicationCode"])
    assert code not in target.read_text()
    assert code in ibconsole("messages", "export", "--reveal-codes").out
    assert ibconsole("messages", "export", "--output", str(target)).code == 1


def test_filters_limit_the_list(on_account: Command, ibconsole: Command) -> None:
    """Only messages that match all filters are listed."""
    results = on_account("pull", "--yes", "--json").json["results"]
    code = results[0]["applicationCode"]

    found = ibconsole("messages", "list", "--application", code, "--json").out.splitlines()
    assert len(found) == sum(one.get("applicationCode") == code for one in results)
    assert ibconsole("messages", "list", "--via", "forward", "--json").out == ""


def test_columns_from_json_paths(on_account: Command, ibconsole: Command) -> None:
    """Values in the JSON are columns of the table and of a spreadsheet; an error names the path."""
    results = on_account("pull", "--yes", "--json").json["results"]
    column = ("--column", "Sent to=$.to", "--column", "$.messageId")

    header, first, *_ = ibconsole("messages", "list", *column).out.splitlines()
    assert [one.strip() for one in header.split("  ") if one][-2:] == ["Sent to", "messageId"]
    assert first.endswith(results[0]["messageId"])
    assert results[0]["applicationCode"] not in first
    exported = ibconsole("messages", "export", "--format", "csv", *column).out.splitlines()
    assert exported[0].endswith('"json","Sent to","messageId"')

    assert ibconsole("messages", "list", "--column", "x=y").err == (
        "A path begins with $, the message.\n"
    )
    for wrong in (("list", "--json"), ("export",)):
        failed = ibconsole("messages", *wrong, "--column", "$.to")
        assert (bool(failed.code), failed.out) == (True, "")


def test_an_unknown_message_is_an_error(ibconsole: Command) -> None:
    """An unknown ID gives one sentence and exit code 1."""
    missing = ibconsole("messages", "show", "5")

    assert (missing.code, missing.out) == (1, "")
    assert "no message 5" in missing.err


def test_a_spilled_answer_is_adopted(ibconsole: Command, tmp_path: Path) -> None:
    """An answer that a full disk forced into a spill file is stored by one command."""
    spill_file = SpillFile(SpilledPull("c", "https://x.example", None, 1), (tmp_path,))
    spill_file.open(b'{"results":[{"messageId":"1","text":"saved"},{"messa')
    spill_file.close()

    adopted = ibconsole("messages", "adopt", str(spill_file.path))

    assert adopted.code == 0
    assert adopted.err.startswith("Stored 1 message from ")
    assert "saved" in ibconsole("messages", "list").out


def test_only_a_spill_file_can_be_adopted(ibconsole: Command, tmp_path: Path) -> None:
    """Any other file is refused with exit code 1."""
    other = tmp_path / "other"
    other.write_bytes(b"{}")

    assert ibconsole("messages", "adopt", str(other)).code == 1


def test_an_export_can_be_imported(on_account: Command, ibconsole: Command, tmp_path: Path) -> None:
    """An export is imported once; a damaged line gives exit code 1."""
    assert on_account("pull", "--yes").code == 0
    file = tmp_path / "out.jsonl"
    assert ibconsole("messages", "export", "--output", str(file), "--reveal-codes").code == 0
    raw = ibconsole("messages", "export", "--format", "raw", "--output", str(tmp_path / "x.tar"))
    assert raw.code == 1
    assert "say that they may be revealed" in raw.err
    csv = ibconsole("messages", "export", "--format", "csv", "--since", "2w")
    assert csv.out.count("\r\n") == 8
    assert ibconsole("messages", "export", "--since", "tomorrowish").code == 1

    other_data_dir = ("--data-dir", str(tmp_path / "elsewhere"))
    assert (
        ibconsole("messages", "import", str(file), "--json", *other_data_dir).json["messages"] == 7
    )
    again = ibconsole("messages", "import", str(file), "--json", *other_data_dir)
    assert (again.code, again.json["known"]) == (0, 7)
    with file.open("a") as opened:
        opened.write("nonsense\n")
    broken = ibconsole("messages", "import", str(file), *other_data_dir)
    assert broken.code == 1
    assert "line 8" in broken.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs special files")
def test_an_export_replaces_regular_files_only(
    on_account: Command, ibconsole: Command, tmp_path: Path
) -> None:
    """--force follows a link, writes into a pipe, and refuses a socket with one sentence."""
    assert on_account("pull", "--yes").code == 0
    export = ("messages", "export", "--force", "--output")
    target, link, pipe, other = (tmp_path / name for name in ("target", "link", "pipe", "socket"))
    target.write_text("old")
    link.symlink_to(target)
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(other))

    assert ibconsole(*export, str(link)).code == 0
    with ThreadPoolExecutor() as threads:
        received = threads.submit(pipe.read_bytes)
        assert ibconsole(*export, str(pipe)).code == 0
    refused = ibconsole(*export, str(other))

    assert link.is_symlink()
    assert target.read_bytes() == received.result()
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "It was left as it is" in refused.err


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="names are text there")
def test_names_that_are_no_text(on_account: Command, ibconsole: Command, tmp_path: Path) -> None:
    """Directories and files may have names that are not UTF-8."""
    directory = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")
    data, file = f"{directory}/data", f"{directory}/x.tar"
    export = ("messages", "export", "--format", "raw", "--reveal-codes", "--output", file)

    assert on_account("pull", "--yes", "--data-dir", data).code == 0
    assert ibconsole(*export, "--data-dir", data).code == 0
    imported = ibconsole("messages", "import", file, "--json", "--data-dir", f"{directory}/other")
    assert imported.json["messages"] == 7
    backup = ("archive", "backup", f"{directory}/copy", "--data-dir", data, "--json")
    assert ibconsole(*backup).json["damaged"] == 0
    assert "caf\\udce9" in ibconsole("doctor", "--data-dir", data).out


@pytest.fixture
def unprivileged() -> list[str]:
    """Return the start of a command that may not write where its mode does not permit it."""
    if os.name == "nt" or (os.geteuid() == 0 and not shutil.which("setpriv")):
        pytest.skip("The permissions of files cannot be tried here.")
    return [] if os.geteuid() else ["setpriv", "--bounding-set=-all"]


@pytest.mark.parametrize("with_log", [True, False])
@pytest.mark.parametrize("command", ["list", "export"])
def test_reading_needs_no_writing(
    unprivileged: list[str], tmp_path: Path, command: str, *, with_log: bool
) -> None:
    """A read-only copy can be read, with what is only in its log, and nothing is written."""
    copy = tmp_path / "copy"
    with Archive(tmp_path / "data" / "archive.sqlite3") as archive:
        archive.decode(archive.add_forwards([arrival(batch({"text": "decoded"}))]))
        archive.add_forwards([arrival(batch({"text": "waiting"}))])
        if with_log:
            shutil.copytree(archive._path.parent, copy, ignore=shutil.ignore_patterns("*-shm"))
    if not with_log:
        shutil.copytree(tmp_path / "data", copy)
    before = sorted(copy.rglob("*"))
    for path in (*before, copy):
        path.chmod(0o555 if path.is_dir() else 0o444)

    done = subprocess.run(
        [*unprivileged, sys.executable, "-m", "ibconsole", "messages", command],
        env={**os.environ, "IBCONSOLE_DATA_DIR": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )

    copy.chmod(0o755)
    assert (done.returncode, "decoded" in done.stdout) == (0, True)
    assert "The messages of 1 pull or forward are missing" in done.stderr
    assert sorted(copy.rglob("*")) == before


@pytest.mark.parametrize(
    ("command", "lines"), [("list --json", 14), ("retention --json --preview", 1)]
)
def test_reading_an_older_version_needs_no_writing(
    unprivileged: list[str], tmp_path: Path, command: str, lines: int
) -> None:
    """An archive that 0.1.0 wrote, on read-only media, is read with what is only in its log."""
    path = tmp_path / "data" / "archive.sqlite3"
    path.parent.mkdir()
    db = apsw.Connection(str(path))
    db.execute("PRAGMA journal_mode = wal").fetchall()
    db.execute((SAMPLES / "archive_1.sql").read_text(encoding="utf-8")).fetchall()
    copy = tmp_path / "copy"
    shutil.copytree(path.parent, copy, ignore=shutil.ignore_patterns("*-shm"))
    db.close()
    before = {one: one.read_bytes() for one in copy.iterdir()}
    copy.chmod(0o555)

    done = subprocess.run(
        [*unprivileged, sys.executable, "-m", "ibconsole", "messages", *command.split()],
        env={**os.environ, "IBCONSOLE_DATA_DIR": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )

    copy.chmod(0o755)
    assert (done.returncode, done.stdout.count("\n"), len(before)) == (0, lines, 2)
    assert {one: one.read_bytes() for one in copy.iterdir()} == before


def test_a_closed_data_directory(ibconsole: Command, tmp_path: Path) -> None:
    """A data directory that cannot be looked into is one sentence."""
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    listed = ibconsole("messages", "list", "--data-dir", str(loop / "data"))
    assert (listed.code, listed.err.count("\n")) == (1, 1)


def test_dash_is_stdin_and_stdout(on_account: Command, tmp_path: Path) -> None:
    """`-` is stdout for an export and stdin for an import, and a pipe may be compressed."""
    assert on_account("pull", "--yes", "--json").code == 0
    program = [sys.executable, "-m", "ibconsole", "--data-dir"]
    export = ["messages", "export", "--reveal-codes", "--output", "-"]
    exported = subprocess.run(
        [*program, str(tmp_path / "data"), *export], check=True, capture_output=True, cwd=tmp_path
    ).stdout

    with Archive(find_paths(tmp_path / "new").archive):
        pass
    imported = subprocess.run(
        [*program, str(tmp_path / "new"), "messages", "import", "--json", "-"],
        input=gzip.compress(exported),
        check=True,
        capture_output=True,
    )
    assert json.loads(imported.stdout)["messages"] == len(exported.splitlines()) > 0
    assert not (tmp_path / "-").exists()


def test_dash_where_a_file_is_needed(ibconsole: Command) -> None:
    """`-` is refused for a database, which cannot be a stream, and creates no file."""
    for command in (("archive", "backup", "-"), ("archive", "verify", "-"), ("--screenshot", "-")):
        result = ibconsole(*command)
        assert result.code == 2
        assert "has to be a file on a disk" in result.err
