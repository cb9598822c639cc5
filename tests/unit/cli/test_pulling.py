"""`ibconsole pull` with the simulated platform."""

import asyncio
import io
import json
import signal
import subprocess
import sys

import pytest

from ibconsole.archive.records import Filter
from ibconsole.services.messages.async_reader import open_reader
from ibconsole.services.runtime.engine import Engine
from ibconsole.simulator.running import RunningSimulator
from tests.keyrings import KeyringSession, needs_gnome_keyring
from tests.postgres import TeamDatabase
from tests.unit.cli.conftest import Command
from tests.unit.services.team.openers import REPORT, Collected, collecting


def test_a_pull_is_one_request(on_account: Command, running: RunningSimulator) -> None:
    """The output is the platform's envelope with our fields added; other messages still wait."""
    pulled = on_account("pull", "--limit", "3", "--yes", "--json")

    assert pulled.code == 0
    assert (pulled.json["messageCount"], pulled.json["pendingMessageCount"]) == (3, 4)
    assert len(pulled.json["results"]) == len(pulled.json["_ibconsole"]["messages"]) == 3
    assert running.simulator.counters["pulls"] == 1


def test_a_pull_needs_consent(on_account: Command, running: RunningSimulator) -> None:
    """Without a terminal nothing is pulled unless --yes is given."""
    refused = on_account("pull")

    assert (refused.code, refused.out) == (2, "")
    assert "everybody else" in refused.err
    assert running.simulator.counters["requests"] == 0


@pytest.mark.parametrize("fault", ["cut", "reset", "429", "500", "not-json", "rubbish", "empty"])
def test_a_failed_pull_is_never_repeated(
    on_account: Command, running: RunningSimulator, fault: str
) -> None:
    """After any failure there is exit code 1, a sentence, and exactly one request."""
    running.simulator.inject_fault(fault)

    pulled = on_account("pull", "--yes")

    assert pulled.code == 1
    assert pulled.err
    assert "Traceback" not in pulled.err
    assert running.simulator.counters["requests"] == 1


def test_a_cut_answer_is_recovered(on_account: Command, running: RunningSimulator) -> None:
    """Complete messages of a cut answer are on stdout and in the archive."""
    running.simulator.inject_fault("cut")

    pulled = on_account("pull", "--yes", "--json")

    with open_reader(None, pytest.fail) as reader:
        stored = list(reader.messages(Filter()))
    assert pulled.code == 1
    assert not pulled.json["_ibconsole"]["complete"]
    assert len(pulled.json["results"]) == len(stored)


def test_a_pull_needs_an_account(ibconsole: Command) -> None:
    """A pull without an account or an API key is wrong usage."""
    assert ibconsole("pull", "--yes").code == 2
    assert ibconsole("pull", "--yes", "--base-url", "https://x.api.infobip.com").code == 2


def test_the_first_pull_is_limited(
    on_account: Command, running: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first pull on a connection offers ten messages; later ones have no limit."""
    refused = on_account("pull")
    on_account("pull", "--limit", "1", "--yes")
    later = on_account("pull")

    assert "Pull up to 10 messages waiting on" in refused.err
    assert "the first pull on this connection from here" in refused.err
    assert "all that one request returns" in later.err
    assert "first pull" not in later.err
    assert running.simulator.counters["pulls"] == 1


def test_pulls_repeat_until_no_message_waits(
    on_account: Command, running: RunningSimulator
) -> None:
    """Each batch is one line of JSON; the total is on stderr."""
    pulled = on_account("pull", "--until-empty", "--limit", "3", "--yes", "--json")

    batches = [json.loads(line) for line in pulled.out.splitlines()]
    assert pulled.code == 0
    assert [batch["messageCount"] for batch in batches] == [3, 3, 1]
    assert pulled.err.endswith("7 messages in 3 pulls. No more messages are waiting.\n")
    assert running.simulator.pending == 0


def test_repeated_pulls_take_large_batches(on_account: Command, running: RunningSimulator) -> None:
    """Without a limit, repeated pulls ask for 1,000 messages, even on a new connection."""
    asked = on_account("pull", "--until-empty")
    pulled = on_account("pull", "--until-empty", "--yes")

    assert "Pull all messages, in batches, waiting on" in asked.err
    assert (pulled.code, running.simulator.counters["pulls"]) == (0, 1)


def test_the_total_can_be_limited(on_account: Command, running: RunningSimulator) -> None:
    """--most is never exceeded, not even by a part of a batch."""
    pulled = on_account("pull", "--until-empty", "--limit", "3", "--most", "4", "--yes")

    assert pulled.code == 0
    assert running.simulator.pending == 3


def test_repeated_pulls_end_at_the_first_damaged_answer(
    on_account: Command, running: RunningSimulator
) -> None:
    """After a cut answer the loss is reported and no further pull starts."""
    running.simulator.inject_fault("cut")

    pulled = on_account("pull", "--until-empty", "--limit", "3", "--yes")

    assert pulled.code == 1
    assert "Recovered " in pulled.err
    assert "No further pull was started" in pulled.err
    assert running.simulator.counters["pulls"] == 1


@pytest.mark.parametrize(
    "options",
    [("--until-empty", "--follow"), ("--most", "3"), ("--interval", "0.1", "--follow")],
)
def test_contradictory_options_are_refused(
    on_account: Command, running: RunningSimulator, options: tuple[str, ...]
) -> None:
    """Contradictory options are wrong usage, and no request is sent."""
    assert on_account("pull", *options, "--yes").code == 2
    assert running.simulator.counters["requests"] == 0


def test_follow_ends_at_a_signal(
    on_account: Command, running: RunningSimulator, ibconsole: Command
) -> None:
    """--follow pulls at intervals; a signal ends it with the total and exit code 0."""
    options = ("--follow", "--json", "--yes", "--base-url", running.base_url)
    following = subprocess.Popen(
        [sys.executable, "-m", "ibconsole", "pull", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert following.stdout
    first = json.loads(following.stdout.readline())
    following.send_signal(signal.SIGTERM)
    _, errors = following.communicate()

    assert first["messageCount"] == 7
    assert b"7 messages in 1 pull. Stopped." in errors
    assert following.returncode == 0
    assert running.simulator.counters["pulls"] == 1


@needs_gnome_keyring
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_a_collector_is_asked(
    ibconsole: Command,
    running: RunningSimulator,
    team: TeamDatabase,
    bus: KeyringSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A single pull of a team's account is asked of its collector; repeated ones are refused."""
    bus.unlock()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{running.api_key}\n\n\n"))
    address = team.address("operator")
    ibconsole(
        "connections", "add", "Acme", "--base-url", running.base_url,
        "--team", address.database, "--team-account", address.account,
    )  # fmt: skip
    pull = ("pull", "--connection", "Acme", "--yes", "--limit", "5")
    engine, collector = Engine(), collecting(team, Collected(REPORT))
    engine.start()
    try:
        asyncio.run(engine.call(collector.__aenter__))
        asked, repeated = ibconsole(*pull, "--json"), ibconsole(*pull, "--until-empty")
        asyncio.run(engine.call(collector.__aexit__, None, None, None))
    finally:
        engine.stop()

    assert (asked.code, asked.json["_ibconsole"]["messages"]) == (0, 2), asked.err
    assert "The collector east pulled 2 messages; they are in the team's record." in asked.err
    assert (repeated.code, repeated.out) == (1, "")
    assert "Nothing was requested" in repeated.err
    assert running.simulator.counters["requests"] == 0
