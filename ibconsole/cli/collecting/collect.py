"""The command `collect`: listens and pulls as a configuration file says, until it is stopped."""

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ibconsole.cli import name_of, out, read_input, run, wait_for_signal
from ibconsole.plural import counted

if TYPE_CHECKING:
    from ibconsole.services.team.collector import CollectorConfiguration, CollectorSecrets


@click.command()
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="The configuration (YAML or JSON, see docs/collector.md).",
)
@click.option(
    "--check", is_flag=True, help="Read the file and the secrets that it names; start nothing."
)
def collect(file: Path, check: bool) -> None:
    """Listen and pull for any number of connections, and share it with a team, until stopped.

    For servers: no window, no keyring, no questions. The file says what is received; it has no
    secrets, but names the files or the credentials of systemd that have them.
    """
    from ibconsole.services.protection import Protection
    from ibconsole.services.team.collector import (
        read_configuration,
        read_secrets,
        require_permitted_teams,
    )

    configuration = read_configuration(read_input(file), name_of(file))
    secrets = read_secrets(configuration, os.environ)
    require_permitted_teams(configuration, Protection())
    if check:
        _show(configuration)
    else:
        run(_collect(configuration, secrets))


def _show(configuration: "CollectorConfiguration") -> None:
    for notice in configuration.notices():
        out.write_notice(notice)
    for one in configuration.connections:
        ways = [
            *([f"forwards to {one.forward_path}"] if one.forward_path else []),
            *([f"a pull every {one.pull.interval:g} s"] if one.pull else []),
            *([f"shared as {one.team.account}"] if one.team else ["not shared"]),
        ]
        out.write_line(f"{one.connection.name}: {', '.join(ways)}")
    count = counted(len(configuration.connections), "connection")
    out.write_notice(f"{configuration.name} is valid, with {count}.")


async def _collect(configuration: "CollectorConfiguration", secrets: "CollectorSecrets") -> None:
    """Run until a signal arrives; everything that is written is the log."""
    import asyncio

    from ibconsole.services.request_log import Redactor
    from ibconsole.services.team.collector import (
        RunningCollector,
        ServiceManager,
        logging_as_json,
        paths_of,
    )

    paths = paths_of(configuration, os.environ)
    redactor = Redactor()
    redactor.add_secrets(*secrets.all)
    with logging_as_json(redactor):
        manager = ServiceManager(os.environ)
        # A signal while it starts, or a second one while it ends, is no failure either.
        with suppress(asyncio.CancelledError):
            async with RunningCollector(configuration, secrets, paths, manager=manager):
                await wait_for_signal()
