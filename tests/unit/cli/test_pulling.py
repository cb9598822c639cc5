"""The pull from the command line."""

import json
import signal
import subprocess
import sys

import pytest

from ibconsole.archive.records import Filter
from ibconsole.services.messages.async_reader import open_reader
from ibconsole.simulator.running import RunningSimulator
from tests.unit.cli.conftest import Command


def test_a_pull_is_one_request(on_account: Command, running: RunningSimulator) -> None:
    """The envelope as the platform sent it, ours beside it; what is left still waits."""
    pulled = on_account("pull", "--limit", "3", "--yes", "--json")

    assert pulled.code == 0
    assert (pulled.json["messageCount"], pulled.json["pendingMessageCount"]) == (3, 4)
    assert len(pulled.json["results"]) == len(pulled.json["_ibconsole"]["messages"]) == 3
    assert running.simulator.counters["pulls"] == 1


def test_a_pull_asks(on_account: Command, running: RunningSimulator) -> None:
    """Where nobody can be asked nothing is pulled without --yes."""
    refused = on_account("pull")

    assert (refused.code, refused.out) == (2, "")
    assert "everybody else" in refused.err
    assert running.simulator.counters["requests"] == 0


@pytest.mark.parametrize("fault", ["cut", "reset", "429", "500", "not-json", "rubbish", "empty"])
def test_a_failed_pull_is_never_repeated(
    on_account: Command, running: RunningSimulator, fault: str
) -> None:
    """Whatever goes wrong, exit code 1, one sentence, and exactly one request."""
    running.simulator.inject_fault(fault)

    pulled = on_account("pull", "--yes")

    assert pulled.code == 1
    assert pulled.err
    assert "Traceback" not in pulled.err
    assert running.simulator.counters["requests"] == 1


def test_a_cut_pull_gives_what_arrived(on_account: Command, running: RunningSimulator) -> None:
    """Messages that came whole are on stdout and in the archive, the rest is told."""
    running.simulator.inject_fault("cut")

    pulled = on_account("pull", "--yes", "--json")

    with open_reader(None, pytest.fail) as reader:
        stored = list(reader.messages(Filter()))
    assert pulled.code == 1
    assert not pulled.json["_ibconsole"]["complete"]
    assert len(pulled.json["results"]) == len(stored)


def test_pull_says_what_is_missing(ibconsole: Command) -> None:
    """Without an account it is wrong usage."""
    assert ibconsole("pull", "--yes").code == 2
    assert ibconsole("pull", "--yes", "--base-url", "https://x.api.infobip.com").code == 2


def test_the_first_pull_proposes_a_small_one(
    on_account: Command, running: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever never pulled here is offered ten messages; later, what was asked for."""
    refused = on_account("pull")
    on_account("pull", "--limit", "1", "--yes")
    later = on_account("pull")

    assert "Pull up to 10 messages waiting on" in refused.err
    assert "the first pull on this connection from here" in refused.err
    assert "all that one request hands out" in later.err
    assert "first pull" not in later.err
    assert running.simulator.counters["pulls"] == 1


def test_until_nothing_waits(on_account: Command, running: RunningSimulator) -> None:
    """Every batch is an envelope on a line of its own, and the sum is told."""
    pulled = on_account("pull", "--until-empty", "--limit", "3", "--yes", "--json")

    batches = [json.loads(line) for line in pulled.out.splitlines()]
    assert pulled.code == 0
    assert [batch["messageCount"] for batch in batches] == [3, 3, 1]
    assert pulled.err.endswith("7 messages in 3 pulls. Nothing waits any more.\n")
    assert running.simulator.pending == 0


def test_no_more_than_wanted(on_account: Command, running: RunningSimulator) -> None:
    """A cap is kept to the message."""
    pulled = on_account("pull", "--until-empty", "--limit", "3", "--most", "4", "--yes")

    assert pulled.code == 0
    assert running.simulator.pending == 3


def test_a_row_ends_at_the_first_damage(on_account: Command, running: RunningSimulator) -> None:
    """An answer that was cut is told in numbers, and nothing more is taken."""
    running.simulator.inject_fault("cut")

    pulled = on_account("pull", "--until-empty", "--limit", "3", "--yes")

    assert pulled.code == 1
    assert "Recovered " in pulled.err
    assert "No further pull is begun" in pulled.err
    assert running.simulator.counters["pulls"] == 1


@pytest.mark.parametrize(
    "options",
    [("--until-empty", "--follow"), ("--most", "3"), ("--interval", "0.1", "--follow")],
)
def test_what_does_not_go_together(
    on_account: Command, running: RunningSimulator, options: tuple[str, ...]
) -> None:
    """Contradictions are wrong usage; nothing is requested."""
    assert on_account("pull", *options, "--yes").code == 2
    assert running.simulator.counters["requests"] == 0


def test_following_until_it_is_stopped(
    on_account: Command, running: RunningSimulator, ibconsole: Command
) -> None:
    """It takes what waits, then waits; a signal ends it, with the sum and exit code 0."""
    options = ("--follow", "--json", "--yes", "--base-url", running.base_url)
    following = subprocess.Popen(
        [sys.executable, "-m", "ibconsole", "pull", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert following.stdout
    first = json.loads(following.stdout.readline())
    following.send_signal(signal.SIGTERM)
    _, said = following.communicate()

    assert first["messageCount"] == 7
    assert b"7 messages in 1 pull. Stopped." in said
    assert following.returncode == 0
    assert running.simulator.counters["pulls"] == 1
