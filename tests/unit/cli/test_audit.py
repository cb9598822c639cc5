"""`ibconsole audit` as its user runs it."""

import csv
import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import apsw
import pytest

from ibconsole.archive import AuditEntry, AuditFilter, append_audit, read_audit
from ibconsole.clock import now_ms
from ibconsole.simulator.running import RunningSimulator
from tests.unit.cli.conftest import Command

CALLS = ("PUT", "POST", "DELETE", "PATCH")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "data" / "archive.sqlite3"


@pytest.fixture
def code(on_account: Command) -> str:
    found = on_account("apps", "list", "--json").json
    code: str = found[0]["applicationCode"]
    return code


def test_changes_and_pulls_are_listed(on_account: Command, ibconsole: Command, code: str) -> None:
    assert on_account("configs", "create", code, "--reason", "ticket 7").code in {0, 1}
    assert on_account("pull", "--limit", "2", "--yes").code == 0

    rows = [json.loads(line) for line in ibconsole("audit", "list", "--json").out.splitlines()]

    assert [(one["kind"], one["method"], one["reason"]) for one in rows] == [
        ("change", "POST", "ticket 7"),
        ("pull", "GET", ""),
    ]
    assert {one["outcome"] for one in rows} <= {"done", "refused"}
    assert [one["place"] for one in rows] == ["Command line"] * 2
    assert code not in str(rows)
    table = ibconsole("audit", "list").out
    assert "OUTCOME" in table
    assert code not in table


def test_filters(on_account: Command, ibconsole: Command, code: str) -> None:
    on_account("configs", "create", code)
    on_account("pull", "--limit", "1", "--yes")
    count = {
        arguments: len(ibconsole("audit", "list", "--json", *arguments).out.splitlines())
        for arguments in (
            (),
            ("--app", code),
            ("--app", "another"),
            ("--text", "GET inbox"),
            ("--since", "1d"),
            ("--until", "1d"),
            ("--connection", "00000000-0000-0000-0000-000000000000"),
        )
    }
    assert list(count.values()) == [2, 1, 0, 1, 2, 0, 0]
    assert "no connection called" in ibconsole("audit", "list", "--connection", "x").err.lower()


def test_reads_open_no_archive(on_account: Command, code: str, archive: Path) -> None:
    on_account("configs", "list", code)
    assert not archive.exists()


def test_exports(on_account: Command, ibconsole: Command, code: str) -> None:
    on_account("configs", "create", code)
    [line] = ibconsole("audit", "export").out.splitlines()
    [row] = csv.DictReader(ibconsole("audit", "export", "--format", "csv").out.splitlines())
    assert set(row) == set(json.loads(line))
    assert row["method"] == "POST"


def test_verify(on_account: Command, ibconsole: Command, code: str, archive: Path) -> None:
    assert ibconsole("audit", "verify").out == "The audit is empty.\n"
    on_account("configs", "create", code)
    good = ibconsole("audit", "verify", "--json")
    kept = f"{good.json['rows']}:{good.json['hash']}"
    assert (good.code, good.json["rows"]) == (0, 2)
    assert ibconsole("audit", "verify", "--kept", kept).code == 0
    assert ibconsole("audit", "verify", "--kept", "1:x").code == 2

    db = apsw.Connection(str(archive))
    db.execute(
        "DROP TRIGGER audit_changed; UPDATE audit SET content = '{}' WHERE id = 2"
    ).fetchall()
    db.close()

    broken = ibconsole("audit", "verify")
    assert (broken.code, "broken at row 2" in broken.out) == (1, True)


def test_old_rows_are_removed_by_name_alone(ibconsole: Command, archive: Path) -> None:
    """No other limit touches them; it asks, and trusts no doubtful clock of its own accord."""
    for days in (90, 60, 1):
        at = now_ms() - days * 24 * 3_600_000
        append_audit(archive, AuditEntry("c", "", "{}"), partial(int, at))
    retention = ("messages", "retention")
    old = (*retention, "--audit-days", "30")
    for refused, why in (
        (("--audit-days", "29", "--yes"), "30 days at least"),
        (("--audit-days", "30", "--keep-days", "1"), "stands alone"),
        (("--audit-days", "30"), "add --yes"),
        (("--audit-days", "30", "--yes"), "--trust-clock"),
    ):
        answer = ibconsole(*retention, *refused)
        assert (answer.code > 0, why in answer.err) == (True, True)
    assert "2 rows of the audit" in ibconsole(*old, "--preview").err
    assert ibconsole(*retention, "--keep-days", "1", "--yes").code == 0
    assert ibconsole("audit", "verify", "--json").json["rows"] == 3

    done = ibconsole(*old, "--yes", "--trust-clock", "--reason", "ticket 7")
    assert (done.code, "2 rows removed." in done.err) == (0, True)
    found = ibconsole("audit", "verify", "--json").json
    assert (found["broken"], found["rows"], found["last"], found["removed"]) == (None, 3, 5, 2)
    assert "Rows up to 2 were removed on purpose" in found["sentence"]
    assert ibconsole(*old, "--yes").code == 0


def test_what_cannot_be_recorded_is_not_sent(
    on_account: Command, running: RunningSimulator, code: str, archive: Path
) -> None:
    """As on a full disk: the archive cannot be written, reads go on, no change is sent."""
    archive.parent.mkdir(exist_ok=True)
    archive.mkdir()

    done = on_account("configs", "create", code)

    assert done.code == 1
    assert "Nothing was sent, because" in done.err
    assert "could not be stored before the change" in done.err
    assert on_account("apps", "list").code == 0
    assert not [call for call in running.simulator.state.calls if call.startswith(CALLS)]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are POSIX's")
def test_on_a_full_disk_nothing_is_sent(
    on_account: Command, running: RunningSimulator, code: str, archive: Path
) -> None:
    import resource  # noqa: PLC0415 does not exist on Windows

    on_account("configs", "create", code)
    before = running.simulator.state.calls.copy()
    script = "import sys; from ibconsole.cli import main; sys.exit(main(sys.argv[1:]))"
    command = (sys.executable, "-c", script, "configs", "create", code)

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_192, resource.RLIM_INFINITY))

    done = subprocess.run(
        [*command, "--base-url", running.base_url],
        preexec_fn=limit,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1, done.stderr
    assert "Nothing was sent, because" in done.stderr
    sent = running.simulator.state.calls - before
    assert not [call for call in sent if call.startswith(CALLS)]


def test_a_kill_during_the_request_leaves_its_intent(
    on_account: Command, ibconsole: Command, running: RunningSimulator, code: str, archive: Path
) -> None:
    """The request that a killed process sent has its row; its outcome stays not known."""
    del on_account
    script = """
import os, sys
from ibconsole.api.transport import HttpTransport
from ibconsole.cli import main
exchange = HttpTransport.exchange
async def killed(self, request, *arguments, **named):
    answer = await exchange(self, request, *arguments, **named)
    if request.method == "POST":
        os.kill(os.getpid(), 9)
    return answer
HttpTransport.exchange = killed
main(sys.argv[1:])
"""
    before = running.simulator.state.calls.copy()
    subprocess.run(
        [sys.executable, "-c", script, "configs", "create", code, "--base-url", running.base_url],
        check=False,
        capture_output=True,
    )

    sent = running.simulator.state.calls - before
    assert len([call for call in sent if call.startswith("POST")]) == 1
    assert [row.outcome for row in read_audit(archive, AuditFilter())] == [None]
    assert "not known" in ibconsole("audit", "list").out
    assert ibconsole("audit", "verify").code == 0


def test_a_pull_that_cannot_be_recorded_is_not_requested(
    on_account: Command, running: RunningSimulator, archive: Path
) -> None:
    archive.parent.mkdir(exist_ok=True)
    archive.mkdir()

    pulled = on_account("pull", "--yes")

    assert (pulled.code, pulled.out) == (1, "")
    assert "Nothing was requested, so nothing is lost." in pulled.err
    assert running.simulator.counters["pulls"] == 0
