"""`ibconsole setup clone`: the setup of one application for another, on the same account or not."""

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ibconsole.cli import (
    GlobalOptions,
    account_options,
    open_platform,
    production_option,
    resolve_account,
    run,
    yes_option,
)
from ibconsole.cli.setup.applying import prune_option
from ibconsole.cli.setup.planning import PlanChoice, PlanRequest, apply_request
from ibconsole.cli.setup.rule_options import RuleTexts, text_rule_options
from ibconsole.cli.setup.setup_file import setup
from ibconsole.errors import UserError
from ibconsole.text import escape_invisible, mask_code

if TYPE_CHECKING:
    from ibconsole.model import Application
    from ibconsole.services.setup.files import SetupFile


class SameApplication(UserError):
    """The application that is cloned is the one that would be changed."""


@setup.command("clone")
@click.argument("from_app")
@click.argument("to_app")
@click.option(
    "--from-connection",
    metavar="NAME",
    default="",
    help="The connection of FROM_APP, which is only read; without it that of --connection.",
)
@click.option(
    "--to-connection",
    metavar="NAME",
    default="",
    help="The connection of TO_APP; without it that of --connection.",
)
@click.option(
    "--connection-map",
    metavar="FROM=TO",
    default="",
    help="Both at once: --from-connection FROM --to-connection TO.",
)
@prune_option
@click.option("--dry-run", is_flag=True, help="Write what would be done, and change nothing.")
@click.option("--resume", is_flag=True, help="Go on with the clone that was interrupted.")
@text_rule_options
@account_options
@production_option
@yes_option
@click.pass_obj
def clone_setup(
    options: GlobalOptions,
    from_app: str,
    to_app: str,
    from_connection: str,
    to_connection: str,
    connection_map: str,
    prune: bool,
    dry_run: bool,
    resume: bool,
    rules: RuleTexts,
    yes: bool,
) -> None:
    """Give TO_APP the actions of FROM_APP. Each is a code, an ID or a name.

    Nothing is deleted without --prune. Exit code: 0 done, 1 an error; with --dry-run 2 if there is
    something to do.
    """
    from ibconsole.services.setup.plans import PlanKind

    if connection_map:
        if from_connection or to_connection:
            raise click.UsageError("Give --connection-map, or the two connections it stands for.")
        from_connection, to_connection = _mapped(connection_map)
    # What unlocks the target says nothing of the source, which is only read.
    reading = replace(options, read_only=True, production_name="", reason="")
    source, target = _on(reading, from_connection), _on(options, to_connection)
    wanted = rules.apply(run(_read_clone(source, target, from_app, to_app)))
    request = PlanRequest(wanted, wanted.name, PlanKind.CLONE, prune=prune)
    apply_request(target, request, PlanChoice(resume=resume, dry_run=dry_run, yes=yes))


def _mapped(connection_map: str) -> tuple[str, str]:
    """Return the two names of `FROM=TO`; those with an equals sign have options of their own."""
    source, separator, target = (part.strip() for part in connection_map.partition("="))
    if not (source and separator and target) or "=" in target:
        raise click.UsageError(
            f"--connection-map takes FROM=TO, the names of two connections, not"
            f" {escape_invisible(connection_map)!r}. Nothing was sent."
        )
    return source, target


def _on(options: GlobalOptions, connection: str) -> GlobalOptions:
    """Return the options for a connection, or unchanged without a name."""
    return replace(options, connection=connection, base_url="") if connection else options


async def _read_clone(
    source: GlobalOptions, target: GlobalOptions, from_app: str, to_app: str
) -> "SetupFile":
    """Return the setup of FROM_APP as a file that wants it for TO_APP, named like the plan."""
    from ibconsole.services.diagnosis import find_application
    from ibconsole.services.setup import read_route
    from ibconsole.services.setup.applying import wanted_clone

    accounts = await resolve_account(source), await resolve_account(target)
    async with open_platform(source, accounts[0]) as platform:
        origin = find_application(await platform.applications(), from_app)
        route = await read_route(platform, origin.code)
    async with open_platform(target, accounts[1]) as platform:
        wanted = find_application(await platform.applications(), to_app)
    if (accounts[0].connection, origin.code) == (accounts[1].connection, wanted.code):
        raise SameApplication("Both names lead to the same application: nothing was sent.")
    return wanted_clone(route, wanted, f"Clone {_name(origin)} to {_name(wanted)}")


def _name(application: "Application") -> str:
    return application.name or mask_code(application.code)
