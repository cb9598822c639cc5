import subprocess
import sys
from pathlib import Path

import pytest

from ibconsole import __version__
from ibconsole.cli.main import OpenWindow, main
from tests.unit.cli.conftest import Command


def test_the_window_is_asked_for(tmp_path: Path) -> None:
    """Without a command the window is wanted, with the sandbox or a picture of it."""
    assert main([]) == OpenWindow()
    assert main(["--demo"]) == OpenWindow(demo=True)
    picture = tmp_path / "x.png"
    wanted = main(["--screenshot", str(picture), "--data-dir", str(tmp_path)])
    assert wanted == OpenWindow(demo=True, screenshot=picture, data_dir=tmp_path)


def test_the_window_on_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account is named by its address; its key comes from the environment."""
    monkeypatch.setenv("IBCONSOLE_API_KEY", "planted-key")
    wanted = main(["--base-url", "x.api.infobip.com"])

    assert isinstance(wanted, OpenWindow)
    assert wanted.account is not None
    assert wanted.account.base_url == "https://x.api.infobip.com"
    assert "planted-key" not in repr(wanted)

    monkeypatch.delenv("IBCONSOLE_API_KEY")
    assert main(["--base-url", "x.api.infobip.com"]) == 2
    assert main(["--demo", "--base-url", "x.api.infobip.com"]) == 2


def test_the_window_takes_no_command(ibconsole: Command) -> None:
    """--demo together with a command is wrong usage."""
    assert ibconsole("--demo", "messages", "list").code == 2


def test_version_and_help(ibconsole: Command) -> None:
    """Both answer on stdout with exit code 0."""
    assert __version__ in ibconsole("--version").out
    helped = ibconsole("--help")
    assert helped.code == 0
    for command in ("apps", "configs", "actions", "pull", "listen", "messages", "simulate"):
        assert command in helped.out


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["apps", "list", "--nonsense"], ["apps", "show"]]
)
def test_wrong_usage(ibconsole: Command, arguments: list[str]) -> None:
    """Wrong usage is exit code 2, said on stderr."""
    ended = ibconsole(*arguments)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err


def test_a_reader_that_has_read_enough(tmp_path: Path) -> None:
    """A closed pipe ends the command without a traceback."""
    with subprocess.Popen(
        [sys.executable, "-m", "ibconsole", "--data-dir", str(tmp_path), "messages", "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()

    assert "Traceback" not in told
