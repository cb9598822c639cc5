"""`ibconsole open`, and a link as the only argument, as desktops give it."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ibconsole.cli.main import OpenWindow, main
from ibconsole.files import FileLock
from ibconsole.services.links.handover import WindowRequest
from ibconsole.services.links.window_server import WindowServer
from tests.unit.cli.conftest import Command

LINK = "ibconsole://message?id=1"


def test_a_window_is_opened_for_a_link(tmp_path: Path) -> None:
    """Without a window the link goes to the one that is opened, on the same data directory."""
    expected = OpenWindow(link=LINK, data_dir=tmp_path)

    assert main(["open", LINK, "--data-dir", str(tmp_path)]) == expected
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_link(ibconsole: Command) -> None:
    """A text that is no link is one sentence, and opens no window."""
    result = ibconsole("open", "https://example.com")

    assert (result.code, result.out) == (1, "")
    assert result.err.splitlines() == [
        "This is not a valid link of ibconsole, so nothing was opened; copy the whole link again."
    ]


PROGRAM = """
import json, sys
from ibconsole.__main__ import main
codes = []
for arguments in json.loads(sys.argv[1]):
    sys.argv[1:] = arguments
    codes.append(main())
print(json.dumps(codes))
"""


async def test_the_window_that_is_open_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link, or a second start, goes to the open window; a link brings no options with it."""
    monkeypatch.setenv("IBCONSOLE_DATA_DIR", str(tmp_path))
    taken: list[WindowRequest] = []
    data = ["--data-dir", str(tmp_path)]
    cases: list[tuple[list[str], int, list[str]]] = [
        ([LINK], 0, [LINK]),
        (["ibconsole:rubbish"], 0, ["ibconsole:rubbish"]),  # the window says what is wrong with it
        ([*data, "open", LINK], 0, [LINK]),
        ([], 0, [""]),
        (data, 0, [""]),
        ([LINK, "--data-dir", "elsewhere"], 2, []),
        (["--new-window", "open", LINK], 2, []),
    ]
    lock = FileLock(tmp_path / "window.lock")
    async with WindowServer(lock, taken.append, asyncio.get_running_loop()):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            PROGRAM,
            json.dumps([arguments for arguments, _, _ in cases]),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 60)

    assert json.loads(out) == [code for _, code, _ in cases]
    assert b"Traceback" not in err
    assert b"A link takes no other arguments" in err
    assert [one.link for one in taken] == [link for _, _, links in cases for link in links]
