"""Read-only over every command there is: also one that is added later is tried here."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import pytest

from ibconsole.cli.main import ibconsole as program
from ibconsole.simulator.running import RunningSimulator
from tests.unit.cli.conftest import Command

READS = ("GET", "HEAD", "OPTIONS")
# What is typed for the arguments and the options that a command cannot do without.
OPTIONS = {
    ("actions", "create"): ("--pull",),
    ("findings", "mute"): ("--reason", "planned", "--days", "1"),
    ("diagnose",): ("--send-tests", "--yes"),
    ("watch",): ("--once",),
}


def _commands(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Walk every command, with its path."""
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from _commands(below, (*path, name))
    else:
        yield path, command


def _takes_account(command: click.Command) -> bool:
    return any(parameter.name == "base_url" for parameter in command.params)


ON_ACCOUNT = [(path, one) for path, one in _commands(program) if _takes_account(one)]


def _arguments(command: click.Command, values: dict[str, str]) -> Sequence[str]:
    names = [one.name or "" for one in command.params if isinstance(one, click.Argument)]
    return [values.get(name, "IBC-1002") for name in names]


@pytest.fixture
def values(on_account: Command, tmp_path: Path) -> dict[str, str]:
    """An application with a configuration and an action, by the names of the arguments.

    The file wants an action that does not exist.
    """
    file = tmp_path / "setup.yaml"
    file.write_text(
        "version: 1\napplications:\n- name: Marigold Retail\n"
        "  configuration: {actions: [{type: X}]}\n",
        encoding="utf-8",
    )
    for application in on_account("apps", "list", "--json").json:
        code = application["applicationCode"]
        for configuration in on_account("configs", "list", code, "--json").json:
            key = configuration["key"]
            for action in on_account("actions", "list", code, key, "--json").json:
                return {
                    "app": code,
                    "config": key,
                    "action": action["key"],
                    "name": "Acme",
                    "file": str(file),
                    "from_app": code,
                    "to_app": "Marigold Retail",
                }
    raise AssertionError("the simulator has no action")


def test_every_command_that_names_an_account_is_known() -> None:
    assert len(ON_ACCOUNT) > 14
    assert ("pull",) in dict(ON_ACCOUNT)


def test_no_command_changes_or_pulls(
    on_account: Command, running: RunningSimulator, values: dict[str, str]
) -> None:
    """With --read-only no command sends anything but reads, whatever it is asked for."""
    before = running.simulator.state.calls.copy()
    for path, command in ON_ACCOUNT:
        if path[0] == "connections":  # saves a connection, and sends nothing
            continue
        yes = ("--yes",) if any(one.name == "yes" for one in command.params) else ()
        arguments = (*path, *_arguments(command, values), *OPTIONS.get(path, ()), *yes)
        on_account("--read-only", *dict.fromkeys(arguments))

    sent = running.simulator.state.calls - before
    assert sent.total() > 4
    assert {call for call in sent if not call.startswith(READS)} == set()
    assert running.simulator.counters["pulls"] == 0
