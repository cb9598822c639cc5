from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command

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
