"""Commands for saved connections. A secret is read only from a prompt or from stdin."""

from typing import TYPE_CHECKING, Any

import click

from ibconsole.cli import out
from ibconsole.cli.options import (
    GlobalOptions,
    confirm,
    data_dir_option,
    json_option,
    read_optional_secret,
    read_secret,
    yes_option,
)
from ibconsole.cli.running import ExitCode, gate_of, open_console, run, saved_connections
from ibconsole.errors import Severity
from ibconsole.plural import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ibconsole.secret import Secret
    from ibconsole.services.connections import CheckResult, Connection, Settings

# Spelled out, because importing the services would delay every --help.
KINDS = ("api-key", "basic", "ibsso", "oauth2")
ENVIRONMENTS = ("sandbox", "test", "production")
COLOURS = ("blue", "teal", "green", "amber", "orange", "red", "pink", "violet")


def _connection_options(command: "Callable[..., Any]") -> "Callable[..., Any]":
    """Add the options that describe a connection."""
    for option in (
        click.option(
            "--team-account", metavar="NAME", help="The account's name in the team's archive."
        ),
        click.option(
            "--team",
            metavar="URL",
            help="The database of the team that shares what is received, without a password.",
        ),
        click.option(
            "--read-only/--no-read-only",
            default=None,
            help="Change and pull nothing on it unless it is unlocked; by default only production.",
        ),
        click.option("--colour", type=click.Choice(COLOURS), help="Its colour in the window."),
        click.option(
            "--environment", type=click.Choice(ENVIRONMENTS), help="What the account is used for."
        ),
        click.option(
            "--identity", metavar="NAME", help="The user name (basic) or client ID (oauth2)."
        ),
        click.option("--kind", type=click.Choice(KINDS), help="The kind of its credential."),
        click.option("--base-url", metavar="URL", help="In any form that the portal shows."),
    ):
        command = option(command)
    return command


@click.group()
@data_dir_option
def connections() -> None:
    """Saved connections: accounts whose secrets are in the system's keyring."""


@connections.command("list")
@data_dir_option
@json_option
@click.pass_obj
def list_connections(options: GlobalOptions, as_json: bool) -> None:
    """List the saved connections, without their secrets. Does not use the keyring."""
    settings = run(_load_settings(options))
    if as_json:
        out.write_json([_to_object(connection) for connection in settings.connections])
    else:
        _write_table(settings.connections)


@connections.command("add")
@click.argument("name")
@_connection_options
@data_dir_option
@json_option
@click.pass_obj
def add_connection(
    options: GlobalOptions,
    name: str,
    base_url: str | None,
    kind: str | None,
    identity: str | None,
    environment: str | None,
    colour: str | None,
    read_only: bool | None,
    team: str | None,
    team_account: str | None,
    as_json: bool,
) -> None:
    """Save a connection called NAME; its secret is asked for, or read from stdin.

    With --team the password of its database is asked for too, or read from the next line.
    """
    from msgspec.structs import replace

    from ibconsole.secret import Secret
    from ibconsole.services.connections import Connection, new_id

    if not base_url:
        raise click.UsageError("Give the account's base URL with --base-url.")
    connection = Connection(id=new_id(), name=name, base_url=base_url)
    draft = _with_changes(connection, kind, identity, environment, colour)
    draft = replace(draft, read_only=read_only)
    draft = _with_team(draft, team, team_account).normalized()
    secret = Secret(read_secret(draft.kind.secret_name))
    password = _read_team_password() if draft.team else None
    saved = run(saved_connections(options).add(draft, secret, team_password=password))
    _write_connection(saved, as_json=as_json)
    out.write_notice(f"{saved.name} is saved; its secret is in the system's keyring.")


@connections.command("edit")
@click.argument("name")
@click.option("--name", "new_name", metavar="NAME", help="Rename it to NAME.")
@_connection_options
@click.option("--secret", "new_secret", is_flag=True, help="Ask for a new secret.")
@click.option(
    "--team-password",
    "new_team_password",
    is_flag=True,
    help="Ask for a new password of the team's archive; an empty one deletes it.",
)
@data_dir_option
@json_option
@click.pass_obj
def edit_connection(
    options: GlobalOptions,
    name: str,
    new_name: str | None,
    base_url: str | None,
    kind: str | None,
    identity: str | None,
    environment: str | None,
    colour: str | None,
    read_only: bool | None,
    team: str | None,
    team_account: str | None,
    new_secret: bool,
    new_team_password: bool,
    as_json: bool,
) -> None:
    """Change a connection. Asks for a secret again if it would go to another address.

    --team "" ends the sharing with the team; what it has stays there.
    """
    from msgspec.structs import replace

    from ibconsole.secret import Secret
    from ibconsole.services.connections import needs_secret

    store = saved_connections(options)
    old = run(store.find(name))
    draft = replace(old, name=new_name or old.name, base_url=base_url or old.base_url)
    draft = _with_changes(draft, kind, identity, environment, colour)
    draft = _with_team(draft, team, team_account).normalized()
    if read_only is not None:
        draft = replace(draft, read_only=read_only)
    secret_needed = new_secret or needs_secret(old, draft)
    secret = Secret(read_secret(draft.kind.secret_name)) if secret_needed else None
    password_needed = bool(draft.team) and (new_team_password or draft.team != old.team)
    password = _read_team_password() if password_needed else None
    saved = run(saved_connections(options).edit(draft, secret, team_password=password))
    _write_connection(saved, as_json=as_json)
    out.write_notice(f"{saved.name} is saved.")


@connections.command("test")
@click.argument("name")
@click.option("--no-team", is_flag=True, help="Leave the team's archive out.")
@data_dir_option
@json_option
@click.pass_obj
def check_connection(options: GlobalOptions, name: str, no_team: bool, as_json: bool) -> int | None:
    """Test a connection by listing the applications. Takes no messages.

    If the connection names a team, its archive is asked afterwards who you are there; the result is
    a line of its own, after half a minute at the latest.

    Exit code 0: it works, or can at least pull. 1: it, or its team's archive, does not work.
    """
    show = None if as_json else _write_check
    result, team = run(_check(options, name, show, with_team=not no_team))
    if as_json:
        team_object = team and _check_object(team)
        applications = {"applications": result.applications}
        out.write_json({**_check_object(result), **applications, "team": team_object})
    failed = Severity.DANGER in (result.severity, team and team.severity)
    return ExitCode.FAILED if failed else None


@connections.command("remove")
@click.argument("name")
@click.option(
    "--messages", is_flag=True, help="Also delete the messages received on it, permanently."
)
@click.option(
    "--keep-secret", is_flag=True, help="Leave its secret in a keyring that refuses to delete it."
)
@data_dir_option
@yes_option
@click.pass_obj
def remove_connection(
    options: GlobalOptions, name: str, messages: bool, keep_secret: bool, yes: bool
) -> None:
    """Remove a connection, its secret and its forward URL.

    The messages that were received on it stay, unless --messages is given.
    """
    connection = run(saved_connections(options).find(name))
    deletion = ""
    if messages:
        count = run(_count_messages(options, connection.id))
        deletion = f" and permanently delete {counted(count, 'message')} received on it"
    confirm(f"Remove the connection {connection.name}{deletion}?", yes=yes)
    deleted = run(_remove(options, connection.id, messages=messages, keep_secret=keep_secret))
    outcome = f"{counted(deleted, 'message')} deleted" if messages else "its messages are kept"
    out.write_notice(f"{connection.name} is removed; {outcome}.")


async def _load_settings(options: GlobalOptions) -> "Settings":
    store = saved_connections(options)
    settings = await store.load()
    if store.notice:
        out.write_notice(store.notice)
    return settings


async def _check(
    options: GlobalOptions,
    name: str,
    show: "Callable[[str, CheckResult], None] | None",
    *,
    with_team: bool,
) -> "tuple[CheckResult, CheckResult | None]":
    """Test a connection, then its team's archive; `show` is called with each result at once."""
    from ibconsole.services.connections import CheckResult, check

    store = saved_connections(options)
    connection = await store.find(name)
    account = await store.load_account(connection.id)
    result = await check(account, gate_of(options, account))
    if show:
        show("", result)
    if not connection.team or not with_team:
        return result, None
    if account.team:
        from ibconsole.services.team import check_team

        team = await check_team(account.team)
    else:
        objection = (await store.team_objections()).get(connection.id, "")
        team = CheckResult(Severity.DANGER, objection)
    if show:
        show("Team: ", team)
    return result, team


def _write_check(title: str, result: "CheckResult") -> None:
    out.write_line(f"{title}{result.sentence}")
    details = result.details.splitlines() if title else ()
    for line in (*result.causes, *details):
        out.write_line(f"  - {line}")


def _check_object(result: "CheckResult") -> dict[str, Any]:
    return {
        "kind": result.severity,
        "sentence": result.sentence,
        "causes": list(result.causes),
        "details": result.details.splitlines(),
    }


async def _count_messages(options: GlobalOptions, connection: str) -> int:
    from ibconsole.archive import Archive

    async with open_console(options, connect=False) as console:
        return await console.writer.run(Archive.count_messages, connection)


async def _remove(
    options: GlobalOptions, connection: str, *, messages: bool, keep_secret: bool
) -> int:
    from ibconsole.archive import Archive

    if not messages:
        await saved_connections(options).remove(connection, keep_secret=keep_secret)
        return 0
    async with open_console(options, connect=False) as console:
        await console.writer.run(Archive.require_unneeded, connection)
        await saved_connections(options).remove(connection, keep_secret=keep_secret)
        return await console.writer.delete_connection(connection)


def _with_changes(
    connection: "Connection",
    kind: str | None,
    identity: str | None,
    environment: str | None,
    colour: str | None,
) -> "Connection":
    from msgspec.structs import replace

    from ibconsole.services.connections import AuthorizationKind, Environment

    return replace(
        connection,
        kind=AuthorizationKind(kind) if kind else connection.kind,
        identity=connection.identity if identity is None else identity,
        environment=Environment(environment) if environment else connection.environment,
        colour=colour or connection.colour,
    )


def _with_team(
    connection: "Connection", team: str | None, team_account: str | None
) -> "Connection":
    from msgspec.structs import replace

    return replace(
        connection,
        team=connection.team if team is None else team,
        team_account=connection.team_account if team_account is None else team_account,
    )


def _read_team_password() -> "Secret":
    from ibconsole.secret import Secret

    return Secret(read_optional_secret("Password of the team's archive, if it asks for one"))


def _write_connection(connection: "Connection", *, as_json: bool) -> None:
    if as_json:
        out.write_json(_to_object(connection))
    else:
        _write_table([connection])


def _write_table(connections: "Iterable[Connection]") -> None:
    out.write_table(
        ("NAME", "ENVIRONMENT", "LOCK", "BASE URL", "KIND", "IDENTITY", "TEAM"),
        (
            (
                one.name,
                one.environment.value,
                "read-only" if one.is_read_only else "",
                one.base_url,
                one.kind.value,
                one.identity,
                _describe_team(one),
            )
            for one in connections
        ),
    )


def _describe_team(connection: "Connection") -> str:
    address = connection.team_address
    return f"{address.account} in {address.label}" if address else ""


def _to_object(connection: "Connection") -> dict[str, Any]:
    return {
        "id": connection.id,
        "name": connection.name,
        "environment": connection.environment.value,
        "colour": connection.colour,
        "baseUrl": connection.base_url,
        "kind": connection.kind.value,
        "identity": connection.identity,
        "readOnly": connection.is_read_only,
        "team": connection.team,
        "teamAccount": connection.team_account,
    }
