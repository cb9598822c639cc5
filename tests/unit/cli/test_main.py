import subprocess
import sys
from pathlib import Path

import pytest

from ibconsole import __version__
from ibconsole.cli.main import OpenWindow, main
from ibconsole.services.messages.async_reader import open_reader
from ibconsole.simulator.running import RunningSimulator
from tests.unit.cli.conftest import Command


def test_no_command_opens_the_window(tmp_path: Path) -> None:
    """Without a command the window opens, if requested with the sandbox or for a screenshot."""
    assert main([]) == OpenWindow()
    assert main(["--demo"]) == OpenWindow(demo=True)
    screenshot = tmp_path / "x.png"
    request = main(["--screenshot", str(screenshot), "--data-dir", str(tmp_path)])
    assert request == OpenWindow(demo=True, screenshot=screenshot, data_dir=tmp_path)


def test_the_window_opens_with_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """--base-url names the account; its key comes from the environment."""
    monkeypatch.setenv("IBCONSOLE_API_KEY", "planted-key")
    request = main(["--base-url", "x.api.infobip.com"])

    assert isinstance(request, OpenWindow)
    assert request.account is not None
    assert request.account.base_url == "https://x.api.infobip.com"
    assert "planted-key" not in repr(request)

    monkeypatch.delenv("IBCONSOLE_API_KEY")
    assert main(["--base-url", "x.api.infobip.com"]) == 2
    assert main(["--demo", "--base-url", "x.api.infobip.com"]) == 2


def test_the_demo_excludes_a_command(ibconsole: Command) -> None:
    """--demo together with a command is wrong usage."""
    assert ibconsole("--demo", "messages", "list").code == 2


def test_version_and_help(ibconsole: Command) -> None:
    """--version and --help write to stdout and exit with 0."""
    assert __version__ in ibconsole("--version").out
    help_text = ibconsole("--help")
    assert help_text.code == 0
    for command in ("apps", "configs", "actions", "pull", "listen", "messages", "simulate"):
        assert command in help_text.out


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["apps", "list", "--nonsense"], ["apps", "show"]]
)
def test_wrong_usage_exits_with_2(ibconsole: Command, arguments: list[str]) -> None:
    """Wrong usage is explained on stderr only."""
    result = ibconsole(*arguments)

    assert (result.code, result.out) == (2, "")
    assert result.err


def test_a_closed_pipe_is_not_an_error(tmp_path: Path) -> None:
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
        errors = process.stderr.read()

    assert "Traceback" not in errors


@pytest.mark.usefixtures("unmeasured_children")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    ("arguments", "redirection"),
    [
        (["--help"], ">/dev/full"),
        (["messages", "export"], ">/dev/full"),
        (["messages", "list"], ">&-"),
        (["messages", "list"], ">/dev/full 2>/dev/full"),
        (["messages", "list"], ">&- 2>&- <&-"),
        (["pull", "--yes", "--json", "--base-url"], ">/dev/full"),
    ],
)
def test_a_failed_stdout_is_one_sentence(
    on_account: Command, running: RunningSimulator, arguments: list[str], redirection: str
) -> None:
    """A stdout that fails gives one sentence and exit code 1; what was pulled is stored."""
    pulls = arguments[0] == "pull"
    if pulls:
        arguments = [*arguments, running.base_url]
    else:
        on_account("pull", "--yes")

    program = (sys.executable, "-m", "ibconsole")
    ended = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {redirection}', "sh", *program, *arguments],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    if "2>" not in redirection:
        assert "stdout cannot be written" in ended.stderr.splitlines()[-1]
        assert ended.stderr.count("\n") == (2 if pulls else 1)
    with open_reader(None, pytest.fail) as reader:
        assert reader.counts().messages == 7
