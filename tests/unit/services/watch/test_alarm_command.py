"""The command of the user that is run for each alarm."""

import json
import sys
from pathlib import Path

import pytest

from ibconsole.services.runtime import Alarm, AlarmKind
from ibconsole.services.watch.alarm_book import AlarmEvent, AlarmState
from ibconsole.services.watch.alarm_command import AlarmCommand, AlarmReport, BadCommand

CODE = "code-of-lumen-0001"
ALARM = Alarm(AlarmKind.SILENCE, "uuid", "Silent\0\udc80.", 5_000, 1601, CODE, "Lumen")
REPORT = AlarmReport(AlarmEvent(ALARM, AlarmState.RAISED, 9_000), "Kestrel")


def test_fields() -> None:
    """An alarm is text alone, its code masked unless it is revealed."""
    fields = REPORT.fields

    assert fields["at"] == "1970-01-01T00:00:09.000+00:00"
    assert (fields["state"], fields["kind"], fields["number"]) == ("raised", "silence", "IBC-1601")
    assert CODE not in str(fields)
    assert AlarmReport(REPORT.event, "Kestrel", reveal=True).fields["application"] == CODE


@pytest.mark.parametrize("command", ["", "  ", "'open"])
def test_no_command(command: str) -> None:
    """A text that is no command is refused before anything is watched."""
    with pytest.raises(BadCommand):
        AlarmCommand(command, print)


async def test_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The alarm is on stdin and in the environment, without the secrets of this one."""
    monkeypatch.setenv("SECRET", "value")
    script, target = tmp_path / "script", tmp_path / "a b.json"
    script.write_text(
        "#!/bin/sh\n"
        'cat > "$1"; echo "$IBCONSOLE_ALARM_NAME $IBCONSOLE_ALARM_SENTENCE$SECRET" >> "$1"\n'
    )
    failures: list[str] = []
    command = AlarmCommand(f"/bin/sh {script} '{target}'", failures.append, withheld=["SECRET"])
    command.put(REPORT)
    await command.run_waiting()

    assert failures == []
    document, line = target.read_text().splitlines()
    assert json.loads(document)["connection"] == "Kestrel"
    assert line == "Lumen Silent ?."


@pytest.mark.parametrize(
    ("command", "longest", "sentence"),
    [
        ("/bin/sh -c 'exit 3'", 9, "The command ended with exit code 3."),
        ("/nowhere/command", 9, "The command /nowhere/command cannot be run: No such file"),
        ("/bin/sh -c 'sleep 60 | sleep 60'", 0.05, "The command was ended, because it took longer"),
    ],
)
async def test_failures(command: str, longest: float, sentence: str) -> None:
    """A command that fails, or does not end, is reported; the next alarm is passed on."""
    failures: list[str] = []
    runner = AlarmCommand(command, failures.append, timeout=longest)
    for _ in range(2):
        runner.put(REPORT)
        await runner.run_waiting()

    assert len(failures) == 2
    assert all(one.startswith(sentence) for one in failures)


async def test_too_many_alarms() -> None:
    """What a slow command cannot take is counted, not kept without bounds."""
    failures: list[str] = []
    runner = AlarmCommand(f"{sys.executable}-missing", failures.append)
    for _ in range(103):
        runner.put(REPORT)
    await runner.run_waiting()

    assert len(failures) == 101
    assert failures[-1].startswith("The command was not run for 3 alarms")
