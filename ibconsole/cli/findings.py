"""`ibconsole findings`: the numbers of the diagnosis, and muting them for an application."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from ibconsole.cli import out
from ibconsole.cli.options import GlobalOptions, account_options, data_dir_option, json_option
from ibconsole.cli.running import gate_of, resolve_account, run
from ibconsole.errors import UserError

if TYPE_CHECKING:
    from ibconsole.services.connections import Mute
    from ibconsole.services.diagnosis import Definition, Mutes


@click.group()
@data_dir_option
def findings() -> None:
    """The findings of `ibconsole diagnose`, and which are muted."""


@findings.command("list")
@json_option
def list_findings(as_json: bool) -> None:
    """List all numbers with their titles; `ibconsole diagnose --explain` explains one."""
    from ibconsole.services.diagnosis import all_definitions

    definitions = [one for one in all_definitions() if not one.retired]
    if as_json:
        out.write_json(
            [
                {"number": one.name, "severity": one.level, "basis": one.basis, "title": one.title}
                for one in definitions
            ]
        )
        return
    out.write_table(
        ("NUMBER", "SEVERITY", "TITLE"), ((one.name, one.level, one.title) for one in definitions)
    )


@findings.command("muted")
@data_dir_option
@json_option
@click.pass_obj
def list_muted(options: GlobalOptions, as_json: bool) -> None:
    """List what is muted, with the reason and the end; ended mutes have no effect."""
    from ibconsole.clock import now_ms
    from ibconsole.services.diagnosis import name_of

    mutes = [one for one in _mutes(options).load() if one.until > now_ms()]
    if as_json:
        out.write_json([_to_object(one) for one in mutes])
        return
    out.write_table(
        ("NUMBER", "SUBJECT", "UNTIL", "REASON"),
        ((name_of(one.number), one.label, _day(one.until), one.reason) for one in mutes),
    )


@findings.command("mute")
@click.argument("number")
@click.argument("app", required=False, default="")
@click.option("--reason", required=True, metavar="TEXT", help="The reason; it is shown.")
@click.option(
    "--until", required=True, metavar="DATE", help="The end: 2027-01-31, at most 400 days away."
)
@account_options
@click.pass_obj
def mute(options: GlobalOptions, number: str, app: str, reason: str, until: str) -> None:
    """Mute NUMBER for APP, a code or a name; without APP for what is about the whole account.

    A muted finding is counted, and does not count for --fail-on.
    """
    from ibconsole.services.diagnosis import name_of
    from ibconsole.services.runtime import parse_time

    definition = _definition(number)
    try:
        end = parse_time(until)
    except UserError as error:
        raise click.BadParameter(str(error), param_hint="--until") from None
    subject = run(_subject(options, app))
    made = _mutes(options).mute_application(subject, definition.number, reason, end)
    out.write_notice(f"{name_of(made.number)} is muted for {made.label} until {_day(made.until)}.")


@findings.command("unmute")
@click.argument("number")
@click.argument("app", required=False, default="")
@account_options
@click.pass_obj
def unmute(options: GlobalOptions, number: str, app: str) -> None:
    """End the mute of NUMBER for APP."""
    from ibconsole.services.diagnosis import scope_of

    definition = _definition(number)
    connection, code, label = run(_subject(options, app))
    if not _mutes(options).unmute(scope_of(connection, code), definition.number):
        raise UserError(f"{definition.name} is not muted for {label}; nothing was changed.")
    out.write_notice(f"{definition.name} is not muted for {label} any more.")


def _definition(name: str) -> "Definition":
    from ibconsole.services.diagnosis import find_definition

    try:
        return find_definition(name)
    except LookupError as error:
        raise click.BadParameter(str(error), param_hint="NUMBER") from None


def _mutes(options: GlobalOptions) -> "Mutes":
    from ibconsole.services.connections import SettingsFile
    from ibconsole.services.diagnosis import Mutes
    from ibconsole.services.runtime import find_paths

    return Mutes(SettingsFile(find_paths(options.data_dir).settings))


async def _subject(options: GlobalOptions, app: str) -> tuple[str, str, str]:
    """Return the connection's UUID, the application's code and a name to show."""
    from ibconsole.services.diagnosis import look_up_application

    account = await resolve_account(options)
    if not app:
        return account.connection, "", f"the account {account.name}"
    application = await look_up_application(account, app, gate_of(options, account))
    return account.connection, application.code, application.name or "an application"


def _to_object(one: "Mute") -> dict[str, object]:
    from ibconsole.services.diagnosis import name_of

    return {
        "number": name_of(one.number),
        "subject": one.label,
        "until": _day(one.until),
        "reason": one.reason,
    }


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000).astimezone().isoformat(" ", "minutes")
