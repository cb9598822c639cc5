"""The command `ibconsole`: its commands, its options and its exit codes."""

import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ibconsole import __version__
from ibconsole.cli import out
from ibconsole.cli.agents import mcp
from ibconsole.cli.allow_list import allow_list
from ibconsole.cli.archive import archive
from ibconsole.cli.audit import audit
from ibconsole.cli.collecting import collect
from ibconsole.cli.comparison import diff_messages
from ibconsole.cli.connections import connections
from ibconsole.cli.diagnose import diagnose
from ibconsole.cli.doctor import doctor
from ibconsole.cli.evidence import (
    add_to_case,
    case,
    export_case,
    har,
    open_case,
    postman_collection,
)
from ibconsole.cli.findings import findings
from ibconsole.cli.forward_test import forward_test
from ibconsole.cli.links import LinkToOpen, open_link
from ibconsole.cli.listening import leases, listen
from ibconsole.cli.messages import messages
from ibconsole.cli.options import GlobalOptions, account_options, refuse_dash
from ibconsole.cli.pulling import pull
from ibconsole.cli.queued_stream import StdoutFailed
from ibconsole.cli.records import follow
from ibconsole.cli.redelivery import custody, give_back, resend
from ibconsole.cli.retries import retries
from ibconsole.cli.running import ExitCode, require_account, unsaved_account
from ibconsole.cli.sender import sender
from ibconsole.cli.servers import simulate
from ibconsole.cli.setup import actions, apps, configs, setup, timeline, undo
from ibconsole.cli.team import team
from ibconsole.cli.watch import watch
from ibconsole.errors import UserError
from ibconsole.interrupts import raise_interrupts

if TYPE_CHECKING:
    from ibconsole.services.connections import Account
    from ibconsole.services.evidence.case_runs import CaseSource


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """A request to open the window, with its options; this package cannot open it itself."""

    demo: bool = False
    screenshot: Path | None = None
    data_dir: Path | None = None
    account: "Account | None" = None
    connection: str = ""
    read_only: bool = False
    probe_display: bool = False
    link: str = ""
    new_window: bool = False
    case: "CaseSource | None" = None


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--demo", is_flag=True, help="Open the window with the sandbox: no account, no network."
)
@click.option(
    "--screenshot",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Save a screenshot of the sandbox window as FILE (PNG), and exit.",
)
@click.option("--new-window", is_flag=True, help="Open a window even if one is open already.")
@click.option("--examine-window", is_flag=True, hidden=True)
@click.version_option(__version__, prog_name="ibconsole")
@account_options
@click.pass_context
def ibconsole(
    context: click.Context,
    demo: bool,
    screenshot: Path | None,
    new_window: bool,
    examine_window: bool,
) -> object:
    """Manage the inbound setup of Infobip mobile push.

    Without a command it opens the window, with the account that --connection or --base-url names,
    or else with the connection that was open last. Without any of them a window that is open
    already comes to the front instead.
    """
    if examine_window:
        return OpenWindow(probe_display=True)
    if context.invoked_subcommand is None:
        options = context.ensure_object(GlobalOptions)
        if screenshot:
            refuse_dash(screenshot)
        demo = demo or screenshot is not None
        named = bool(options.base_url or options.connection)
        if demo and named:
            raise click.UsageError("The demo has its own account: name no other one.")
        if named:
            require_account(options)
        unsaved = unsaved_account(options) if options.base_url else None
        return OpenWindow(
            demo,
            screenshot,
            options.data_dir,
            unsaved,
            options.connection,
            options.read_only,
            new_window=new_window,
        )
    if demo or screenshot or new_window:
        raise click.UsageError(
            "--demo, --screenshot and --new-window open the window: give no command."
        )
    return None


messages.add_command(resend)
messages.add_command(follow)
connections.add_command(postman_collection)
case.add_command(add_to_case)
case.add_command(export_case)
case.add_command(open_case)
for command in (
    connections,
    doctor,
    apps,
    configs,
    actions,
    setup,
    undo,
    timeline,
    pull,
    messages,
    har,
    case,
    archive,
    audit,
    give_back,
    custody,
    listen,
    collect,
    leases,
    forward_test,
    sender,
    allow_list,
    diagnose,
    findings,
    watch,
    retries,
    team,
    mcp,
    simulate,
    open_link,
):
    ibconsole.add_command(command)


messages.add_command(diff_messages)


def main(arguments: Sequence[str]) -> int | OpenWindow:
    """Run one command line; return its exit code, or a request for the window.

    0: done. 1: failed, or refused by the platform. 2: wrong usage, or a delete or pull that
    could not be confirmed because there is no terminal; for `setup` differences. 130: interrupted.
    """
    raise_interrupts()
    try:
        with out.queued_output():
            answer = _run(arguments)
    except KeyboardInterrupt:  # while the last lines waited for their reader
        _discard_stdout()
        return ExitCode.INTERRUPTED
    except StdoutFailed as error:
        out.report_failed_stdout(error)
        _discard_stdout()
        return ExitCode.FAILED
    if answer is ExitCode.INTERRUPTED:
        _discard_stdout()
    return answer


def _run(arguments: Sequence[str]) -> int | OpenWindow:
    try:
        answer: Any = ibconsole.main(
            list(arguments), prog_name="ibconsole", standalone_mode=False, obj=GlobalOptions()
        )
    except click.ClickException as error:
        usage = io.StringIO()
        error.show(usage)
        sys.stderr.write(out.shown_codes().text(usage.getvalue()))
        return error.exit_code
    except UserError as error:
        for line in error.lines:
            out.write_notice(line)
        return ExitCode.FAILED
    except (click.Abort, KeyboardInterrupt):
        out.drop_stalled_output()
        return ExitCode.INTERRUPTED
    if isinstance(answer, LinkToOpen):
        return OpenWindow(data_dir=answer.data_dir, link=answer.link)
    return answer if isinstance(answer, int | OpenWindow) else ExitCode.DONE


def _discard_stdout() -> None:
    """Let Python discard what its buffer holds, instead of waiting for the reader at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
