"""The command `ibconsole`: what it takes, and what its exit code says."""

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ibconsole import __version__
from ibconsole.cli import out
from ibconsole.cli.archive import archive
from ibconsole.cli.connections import connections
from ibconsole.cli.doctor import doctor
from ibconsole.cli.forward_test import forward_test
from ibconsole.cli.messages import messages
from ibconsole.cli.options import Context, account
from ibconsole.cli.pulling import pull
from ibconsole.cli.running import require_account, unsaved_account
from ibconsole.cli.servers import listen, simulate
from ibconsole.cli.setup import actions, apps, configs
from ibconsole.errors import UserError

if TYPE_CHECKING:
    from ibconsole.services.connections import Account

DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """The command line asks for the window, which this room cannot open."""

    demo: bool = False
    screenshot: Path | None = None
    data_dir: Path | None = None
    account: "Account | None" = None
    connection: str = ""
    examined: bool = False


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--demo", is_flag=True, help="Open the window on the sandbox: no account, no network."
)
@click.option(
    "--screenshot",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Save a picture of the loaded sandbox window as FILE (PNG), and end.",
)
@click.option("--examine-window", is_flag=True, hidden=True)
@click.version_option(__version__, prog_name="ibconsole")
@account
@click.pass_context
def ibconsole(
    context: click.Context, demo: bool, screenshot: Path | None, examine_window: bool
) -> object:
    """Look after the inbound setup of Infobip mobile push.

    Without a command it opens the window: on the account that --connection or --base-url names,
    else on the connection that was open last.
    """
    if examine_window:
        return OpenWindow(examined=True)
    if context.invoked_subcommand is None:
        said = context.ensure_object(Context)
        demo = demo or screenshot is not None
        named = bool(said.base_url or said.connection)
        if demo and named:
            raise click.UsageError("The demo has an account of its own: it takes no other.")
        if named:
            require_account(said)
        chosen = unsaved_account(said) if said.base_url else None
        return OpenWindow(demo, screenshot, said.data_dir, chosen, said.connection)
    if demo or screenshot:
        raise click.UsageError("--demo and --screenshot open the window: they take no command.")
    return None


for command in (
    connections,
    doctor,
    apps,
    configs,
    actions,
    pull,
    messages,
    archive,
    listen,
    forward_test,
    simulate,
):
    ibconsole.add_command(command)


def main(arguments: Sequence[str]) -> int | OpenWindow:
    """Run one command line; its exit code, or the wish for a window.

    0 done; 1 failed or refused by the platform; 2 wrong usage, or a delete or pull that
    nobody could be asked about.
    """
    try:
        answer: Any = ibconsole.main(
            list(arguments), prog_name="ibconsole", standalone_mode=False, obj=Context()
        )
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        error.show(sys.stderr)
        return error.exit_code
    except UserError as error:
        out.say(str(error))
        return FAILED
    except (KeyboardInterrupt, asyncio.CancelledError):
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our answer has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return answer if isinstance(answer, int | OpenWindow) else DONE
