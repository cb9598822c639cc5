import json
from pathlib import Path

import pytest

from ibconsole.simulator import Running
from tests.unit.cli.conftest import Command


def test_a_pull_is_one_request(on_account: Command, running: Running) -> None:
    """The envelope as the platform sent it, ours beside it; what is left still waits."""
    pulled = on_account("pull", "--limit", "3", "--yes", "--json")

    assert pulled.code == 0
    assert (pulled.json["messageCount"], pulled.json["pendingMessageCount"]) == (3, 4)
    assert len(pulled.json["results"]) == len(pulled.json["_ibconsole"]["messages"]) == 3
    assert running.simulator.counters["pulls"] == 1


def test_a_pull_asks(on_account: Command, running: Running) -> None:
    """Where nobody can be asked nothing is pulled without --yes."""
    refused = on_account("pull")

    assert (refused.code, refused.out) == (2, "")
    assert "everybody else" in refused.err
    assert running.simulator.counters["requests"] == 0


@pytest.mark.parametrize("fault", ["cut", "reset", "429", "500", "not-json", "rubbish", "empty"])
def test_a_failed_pull_is_never_repeated(on_account: Command, running: Running, fault: str) -> None:
    """Whatever goes wrong, exit code 1, one sentence, and exactly one request."""
    running.simulator.fail(fault)

    pulled = on_account("pull", "--yes")

    assert pulled.code == 1
    assert pulled.err
    assert "Traceback" not in pulled.err
    assert running.simulator.counters["requests"] == 1


def test_a_cut_pull_gives_what_arrived(on_account: Command, running: Running) -> None:
    """Messages that came whole are on stdout and in the archive, the rest is told."""
    running.simulator.fail("cut")

    pulled = on_account("pull", "--yes", "--json")

    stored = on_account_messages(on_account)
    assert pulled.code == 1
    assert not pulled.json["_ibconsole"]["complete"]
    assert len(pulled.json["results"]) == len(stored)


def on_account_messages(on_account: Command) -> list[dict[str, object]]:
    del on_account
    from ibconsole.services import Filter, exporting, open_reader  # noqa: PLC0415

    with open_reader(None, pytest.fail) as reader:
        return [exporting.as_object(message) for message in reader.messages(Filter())]


def test_stored_messages(on_account: Command, ibconsole: Command, tmp_path: Path) -> None:
    """Listed oldest first without an account, shown whole, exported with masked codes."""
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


def test_filters(on_account: Command, ibconsole: Command) -> None:
    """What was asked for and nothing else."""
    results = on_account("pull", "--yes", "--json").json["results"]
    code = results[0]["applicationCode"]

    found = ibconsole("messages", "list", "--application", code, "--json").out.splitlines()
    assert len(found) == sum(one.get("applicationCode") == code for one in results)
    assert ibconsole("messages", "list", "--via", "forward", "--json").out == ""


def test_a_message_that_is_not_there(ibconsole: Command) -> None:
    """A wrong number is one sentence and exit code 1."""
    missing = ibconsole("messages", "show", "5")

    assert (missing.code, missing.out) == (1, "")
    assert "no message 5" in missing.err


def test_pull_says_what_is_missing(ibconsole: Command) -> None:
    """Without an account it is wrong usage."""
    assert ibconsole("pull", "--yes").code == 2
    assert ibconsole("pull", "--yes", "--base-url", "https://x.api.infobip.com").code == 2
