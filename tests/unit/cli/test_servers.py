import signal
import subprocess
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command
from tests.unit.cli.server_processes import PROGRAM, start, stop


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="There is no /dev/full.")
@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("listen", "Requests are still stored, but not shown any more: No space"),
        ("simulate", "The address and the key could not be written: No space left on device."),
    ],
)
def test_a_stdout_that_fails_at_once(tmp_path: Path, command: str, sentence: str) -> None:
    """A server without a stdout says so at once, and goes on until it is stopped."""
    with Path("/dev/full").open("w") as full:
        process = subprocess.Popen(
            [*PROGRAM, "--data-dir", str(tmp_path), command, "--port", "0"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    with process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert next(line for line in lines if sentence in line)
        code, _, _ = stop(process, signal.SIGINT)
    assert code == 0


def test_simulate_serves_the_platform(
    tmp_path: Path, ibconsole: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The URL and the key are one line of JSON; the platform answers there."""
    with start("simulate", "--messages", "3", "--applications", "2", data=tmp_path) as (
        process,
        first,
    ):
        monkeypatch.setenv("IBCONSOLE_API_KEY", first["api_key"])
        account = ("--base-url", first["base_url"])
        assert len(ibconsole("apps", "list", "--json", *account).json) == 2
        assert len(ibconsole("pull", "--yes", "--json", *account).json["results"]) == 3
        code, rest, _ = stop(process, signal.SIGTERM)

    assert (code, rest) == (0, "")


def test_a_port_in_use_is_an_error(tmp_path: Path, ibconsole: Command) -> None:
    """For both servers, a port in use gives one sentence and exit code 1."""
    with start("listen", "--port", "0", "--json", data=tmp_path) as (_, first):
        port = first["url"].split(":")[2].split("/")[0]

        for command in ("listen", "simulate"):
            refused = ibconsole(command, "--port", port)
            assert (refused.code, refused.out) == (1, "")
            assert refused.err.count("\n") == 1
