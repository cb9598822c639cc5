"""The command `ibconsole retries`."""

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command

DOWN = ("--behaviour", "error 10 min")


def test_a_prediction_is_a_table(ibconsole: Command) -> None:
    """The fate of every message, the outcome, and the law with its label."""
    found = ibconsole("retries", *DOWN, "--messages", "2", "--every", "20 min")

    lines = found.out.splitlines()
    assert (found.code, len(lines)) == (0, 6)
    assert lines[1].split("  ")[-1].strip() == "503 \xd74, 200"
    assert lines[4].startswith("Of 2 messages 2 are delivered, 1 by the first attempt")
    assert "Assumed" in lines[5]


def test_arrivals_law_and_formats_are_chosen(ibconsole: Command) -> None:
    """The law is that of `give-back`; CSV and JSON have the same numbers."""
    chosen = (*DOWN, "--law", "1m, 1m", "--arrivals", "0, 9 min", "--time-out", "5 s")

    found = ibconsole("retries", *chosen, "--json").json

    assert [one["outcome"] for one in found["messages"]] == ["lost", "delivered"]
    assert (found["timeout"], found["law"]["delays"]) == (5, [60, 60])
    assert '"delivered","600","60"' in ibconsole("retries", *chosen, "--csv").out


def test_presets_and_files_are_simulated(ibconsole: Command, tmp_path: Path) -> None:
    """A scenario of the listener is a behaviour; what is not simulated is said."""
    file = tmp_path / "answers.yaml"
    file.write_text(
        "version: 1\nname: a\nrules:\n"
        "  - name: texts\n    when: {text: x}\n    answer: {status: 500}\n"
    )

    found = ibconsole("retries", "--answers", str(file))
    assert "not simulated: “texts”" in found.err
    assert found.code == 0
    assert "time-out" in ibconsole("retries", "--preset", "slow", "--law", "none").out


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        (*DOWN, "--preset", "slow"),
        ("--preset", "nonsense"),
        (*DOWN, "--csv", "--json"),
    ],
)
def test_wrong_usage(ibconsole: Command, arguments: tuple[str, ...]) -> None:
    """One behaviour, and one format."""
    assert ibconsole("retries", *arguments).code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("--behaviour", "down"),
        (*DOWN, "--law", "x"),
        (*DOWN, "--every", "soon"),
        (*DOWN, "--messages", "0"),
        (*DOWN, "--messages", "501", "--run"),
        (*DOWN, "--run", "--speed", "0"),
    ],
)
def test_bad_values_are_one_sentence(ibconsole: Command, arguments: tuple[str, ...]) -> None:
    """What cannot be simulated, or not be run, is said before anything begins."""
    found = ibconsole("retries", *arguments)

    assert (found.code, found.out) == (1, "")
    assert found.err.count("\n") == 1
