import json
import signal
from http.client import RemoteDisconnected
from pathlib import Path
from urllib.error import HTTPError

import pytest

from ibconsole.services.answer_files import PRESETS
from ibconsole.services.connections import (
    Connection,
    Environment,
    Settings,
    SettingsFile,
    new_id,
)
from tests.unit.cli.conftest import Command
from tests.unit.cli.server_processes import post, start, stop

FILE = """\
version: 1
name: Outage
rules:
  - name: down
    when: {time: {before: 10 min}}
    answer: {status: 503, delay: 2 s}
  - {name: rest, answer: {}}
"""


@pytest.fixture
def outage(tmp_path: Path) -> Path:
    file = tmp_path / "outage.yaml"
    file.write_text(FILE)
    return file


def test_a_file_is_checked_without_listening(ibconsole: Command, outage: Path) -> None:
    """The rules are listed, with what a platform does after their answers."""
    text = ibconsole("listen", "--check-answers", str(outage))
    values = ibconsole("listen", "--check-answers", str(outage), "--json")

    assert text.code == 0
    assert text.out.splitlines() == [
        f"{outage} is valid: “Outage”, 2 rules.",
        "RULE  ANSWER                PLATFORM",
        "down  status 503 after 2 s  repeats it",
        "rest  status 200            takes it for delivered",
    ]
    assert values.json == {
        "file": str(outage),
        "name": "Outage",
        "rules": [
            {"name": "down", "answer": "status 503 after 2 s", "isRepeated": True},
            {"name": "rest", "answer": "status 200", "isRepeated": False},
        ],
    }


def test_problems_have_places(ibconsole: Command, outage: Path) -> None:
    """What is wrong is a line with file, line, column and rule; nothing is started."""
    outage.write_text(FILE.replace("503", "99").replace("name: rest", "name: down"))

    result = ibconsole("listen", "--check-answers", str(outage))

    assert (result.code, result.out) == (1, "")
    assert result.err.splitlines() == [
        f"{outage}:6:22: rule 1 “down”: a status is from 200 to 599, not 99",
        f'{outage}:7:12: rule 2 “down”: another rule is called "down"',
    ]
    missing = ibconsole("listen", "--check-answers", str(outage.parent / "none.yaml"))
    assert missing.code == 1
    assert missing.err.endswith("cannot be read: No such file or directory. Nothing was started.\n")


def test_rules_answer_and_each_line_says_which(tmp_path: Path, outage: Path) -> None:
    """A request is stored and shown whatever is answered, with the rule that did."""
    outage.write_text(
        "version: 1\nname: Outage\nrules:\n"
        "- {name: first, when: {requests: 1}, answer: {status: 503, body: '{path}'}}\n"
        "- {name: second, when: {requests: 2}, answer: {end: close}}\n"
    )
    with start("listen", "--port", "0", "--json", "--answers", str(outage), data=tmp_path) as (
        process,
        first,
    ):
        assert first["answers"] == "Outage"
        assert process.stdout is not None
        with pytest.raises(HTTPError) as refused:
            post(first["url"], b"{}")
        assert refused.value.code == 503
        assert first["url"].endswith(refused.value.read().decode())
        shown = json.loads(process.stdout.readline())["_ibconsole"]
        assert (shown["status"], shown["answer"]["rule"]) == (503, "first")
        with pytest.raises(RemoteDisconnected):
            post(first["url"], b"{}")
        shown = json.loads(process.stdout.readline())["_ibconsole"]
        assert (shown["status"], shown["answer"]["end"]) == (None, "close")
        assert post(first["url"], b"{}") == 200
        assert "answer" not in json.loads(process.stdout.readline())["_ibconsole"]
        code, _, errors = stop(process, signal.SIGINT)

    assert code == 0
    assert "Answers: Outage. Requests that no rule is about are answered 200." in errors
    assert "3 requests stored" in errors


def test_a_customers_traffic_is_asked_about(ibconsole: Command, tmp_path: Path) -> None:
    """Without a terminal nothing is started, unless --yes says that the user knows."""
    acme = Connection(
        new_id(), "Acme", "https://acme.api.infobip.com", environment=Environment.PRODUCTION
    )
    settings = tmp_path / "data" / "settings.json"
    settings.parent.mkdir()
    SettingsFile(settings).change(lambda _: Settings((acme,)))

    # No computer has this address: a listener that was started all the same would end at once.
    refused = ibconsole("listen", "--preset", "SLOW", "--host", "192.0.2.1")

    assert (refused.code, refused.out) == (2, "")
    assert "Rule “slow” makes the platform send a message again" in refused.err
    assert "“Acme” is no sandbox" in refused.err
    assert "add --yes" in refused.err
    assert not (settings.parent / "archive.db").exists()
    known = ibconsole("listen", "--preset", "SLOW", "--host", "192.0.2.1", "--yes")
    assert (known.code, known.out) == (1, "")
    assert known.err.startswith("Rule “slow” makes the platform")
    assert "The listener could not start" in known.err


def test_one_scenario_at_a_time(ibconsole: Command, outage: Path) -> None:
    """A file and a preset together are wrong usage, and so is a preset that does not exist."""
    both = ibconsole("listen", "--answers", str(outage), "--preset", "slow")
    unknown = ibconsole("listen", "--preset", "fast")

    assert (both.code, unknown.code) == (2, 2)
    assert "give one of them" in both.err
    assert "there are down for 10 minutes, slow, flaky 20 %, firewall page, 401" in unknown.err


def test_help_lists_the_presets(ibconsole: Command) -> None:
    """All presets are there, without loading them."""
    text = " ".join(ibconsole("listen", "--help").out.split())

    assert f"Answer by a scenario of the program: {', '.join(PRESETS)}." in text
