import json
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from ibconsole.services.connections.connection import Connection, new_id
from ibconsole.services.connections.settings import Settings, SettingsFile
from tests.unit.cli.conftest import Command
from tests.unit.cli.server_processes import PROGRAM, post, start, stop

SAMPLE = Path(__file__).parents[3] / "samples" / "message_envelope.json"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_listen_writes_a_line_per_request(
    tmp_path: Path, ibconsole: Command, number: signal.Signals
) -> None:
    """The first line has the URL; a signal ends the command; messages are stored."""
    with start("listen", "--port", "0", "--json", data=tmp_path) as (process, first):
        assert post(first["url"], SAMPLE.read_bytes()) == 200
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        assert line["results"][0]["messageId"] == "1561984815238926404"
        assert line["_ibconsole"]["status"] == 200
        assert post(first["url"], b"\xffnonsense") == 200
        assert "nonsense" in json.loads(process.stdout.readline())["_ibconsole"]["body"]

        code, rest, errors = stop(process, number)

    assert (code, rest) == (0, "")
    assert "2 requests stored" in errors
    listed = ibconsole("messages", "list", "--json", "--data-dir", str(tmp_path))
    assert len(listed.out.splitlines()) == 1


def test_listen_writes_plain_text_without_json(tmp_path: Path) -> None:
    """Without --json the URL is a plain line and has the requested path."""
    with subprocess.Popen(
        [*PROGRAM, "listen", "--port", "0", "--path", "/mine", "--data-dir", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.endswith("/mine")
        post(url, b"{}")
        assert process.stdout.readline().startswith("POST /mine  200")
        assert stop(process, signal.SIGINT)[0] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of open files")
def test_listen_with_few_descriptors(tmp_path: Path) -> None:
    """With 64 open files and 100 idle connections a forward is answered, and the log is short."""
    command = (
        f"ulimit -n 64; exec {shlex.join(PROGRAM)} --data-dir {tmp_path} listen --port 0 --json"
    )
    with subprocess.Popen(
        ["/bin/sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        address = (urlsplit(url).hostname, urlsplit(url).port)
        idle = [socket.create_connection(address) for _ in range(100)]
        began = time.monotonic()
        assert post(url, SAMPLE.read_bytes()) == 200
        assert time.monotonic() - began < 5
        for connection in idle:
            connection.close()
        code, _, errors = stop(process, signal.SIGINT)

    assert code == 0
    assert len(errors) < 2000
    assert "Traceback" not in errors


def test_listen_for_a_connection(
    tmp_path: Path, ibconsole: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection has its own URL, and its forwards are assigned to it; no keyring is needed."""
    acme = Connection(id=new_id(), name="Acme", base_url="https://acme.api.infobip.com")
    SettingsFile(tmp_path / "settings.json").change(lambda _: Settings((acme,)))
    with start("listen", "--port", "0", "--json", data=tmp_path) as (_, unassigned):
        pass
    arguments = ("listen", "--port", "0", "--json", "--connection", "acme")
    with start(*arguments, data=tmp_path) as (process, first):
        path = first["url"].rpartition("/")[2]
        assert path != unassigned["url"].rpartition("/")[2]
        assert post(first["url"], b"{}") == 200
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["_ibconsole"]["connection"] == acme.id
    with start(*arguments, data=tmp_path) as (_, second):
        assert second["url"].rpartition("/")[2] == path

    monkeypatch.setenv("IBCONSOLE_DATA_DIR", str(tmp_path))
    refused = ibconsole("listen", "--connection", "Beta")
    assert (refused.code, refused.out) == (1, "")
    assert "There are: Acme." in refused.err


def test_a_closed_stdout_loses_no_request(tmp_path: Path) -> None:
    """Forwards are stored and answered 200 even if stdout is closed."""
    with start("listen", "--port", "0", "--json", data=tmp_path) as (process, first):
        assert process.stdout is not None
        process.stdout.close()
        for _ in range(3):
            assert post(first["url"], b"{}") == 200
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        errors = process.stderr.read()
        assert process.wait(10) == 0

    assert errors.count("not shown any more") == 1
    assert "3 requests stored" in errors


def test_listening_on_the_network_is_a_notice(tmp_path: Path) -> None:
    """A listener that other computers can reach is announced as unencrypted and open."""
    with start("listen", "--port", "0", "--host", "0.0.0.0", "--json", data=tmp_path) as (  # noqa: S104 that is the point
        process,
        _,
    ):
        _, _, errors = stop(process, signal.SIGINT)
    assert "open to the network, unencrypted and for anyone" in errors


def test_a_path_begins_with_a_slash(ibconsole: Command) -> None:
    """A path without a slash is wrong usage."""
    assert ibconsole("listen", "--path", "mine").code == 2


def test_listen_writes_text_in_its_declared_charset(tmp_path: Path) -> None:
    """The line of a forward has the text that is stored, whatever its encoding."""
    body = '{"results":[{"messageId":"1","text":"Größe"}]}'.encode("latin-1")
    headers = {"Content-Type": "application/json; charset=ISO-8859-1"}
    with start("listen", "--port", "0", "--json", data=tmp_path) as (process, first):
        with urlopen(Request(first["url"], data=body, headers=headers), timeout=10) as answer:
            assert answer.status == 200
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["results"][0]["text"] == "Größe"
        stop(process, signal.SIGINT)
