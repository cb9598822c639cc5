"""Commands about the saved connections. A secret is read from a prompt or from stdin alone."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from ibconsole.cli import out
from ibconsole.cli.options import Context, as_json, as_yes, confirm, data_dir, read_secret
from ibconsole.cli.running import console, run, saved_connections
from ibconsole.errors import Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from ibconsole.services.connections import CheckResult, Connection, Settings

KINDS = ("api-key", "basic", "ibsso", "oauth2")
ENVIRONMENTS = ("sandbox", "test", "production")
COLOURS = ("blue", "teal", "green", "amber", "orange", "red", "pink", "violet")


def _described(command: "Callable[..., Any]") -> "Callable[..., Any]":
    """Adds the options that say what a connection is."""
    for option in (
        click.option("--colour", type=click.Choice(COLOURS), help="Its colour in the window."),
        click.option(
            "--environment", type=click.Choice(ENVIRONMENTS), help="How much depends on it."
        ),
        click.option(
            "--identity", metavar="NAME", help="The user name (basic) or client ID (oauth2)."
        ),
        click.option("--kind", type=click.Choice(KINDS), help="How it shows who it is."),
        click.option("--base-url", metavar="URL", help="In any form that the portal shows."),
    ):
        command = option(command)
    return command


@click.group()
@data_dir
def connections() -> None:
    """Saved connections: accounts whose secrets are in the system's keyring."""


@connections.command("list")
@data_dir
@as_json
@click.pass_obj
def list_connections(context: Context, as_json: bool) -> None:
    """List the saved connections, without their secrets. The keyring is not asked."""
    settings = run(_load(context))
    if as_json:
        out.json_line([_raw(one) for one in settings.connections])
        return
    out.table(
        ("NAME", "ENVIRONMENT", "BASE URL", "KIND", "IDENTITY"),
        (
            (one.name, one.environment.value, one.base_url, one.kind.value, one.identity)
            for one in settings.connections
        ),
    )


@connections.command("add")
@click.argument("name")
@_described
@data_dir
@as_json
@click.pass_obj
def add_connection(
    context: Context,
    name: str,
    base_url: str | None,
    kind: str | None,
    identity: str | None,
    environment: str | None,
    colour: str | None,
    as_json: bool,
) -> None:
    """Save a connection called NAME; its secret is asked for, or read from stdin."""
    from ibconsole.secret import Secret
    from ibconsole.services.connections import Connection, new_id

    if not base_url:
        raise click.UsageError("Give the account's base URL with --base-url.")
    draft = _changed(
        Connection(id=new_id(), name=name, base_url=base_url), kind, identity, environment, colour
    ).normalized()
    secret = Secret(read_secret(draft.kind.secret_name))
    saved = run(saved_connections(context).add(draft, secret))
    _show(saved, as_json=as_json)
    out.say(f"{saved.name} is saved; its secret is in the system's keyring.")


@connections.command("edit")
@click.argument("name")
@click.option("--name", "new_name", metavar="NAME", help="Call it NAME from now on.")
@_described
@click.option("--secret", "new_secret", is_flag=True, help="Ask for a new secret.")
@data_dir
@as_json
@click.pass_obj
def edit_connection(
    context: Context,
    name: str,
    new_name: str | None,
    base_url: str | None,
    kind: str | None,
    identity: str | None,
    environment: str | None,
    colour: str | None,
    new_secret: bool,
    as_json: bool,
) -> None:
    """Change a connection. A new secret is asked for where the kept one would go elsewhere."""
    from ibconsole.secret import Secret
    from ibconsole.services.connections import needs_secret

    kept = saved_connections(context)
    old = run(kept.find(name))
    draft = replace(old, name=new_name or old.name, base_url=base_url or old.base_url)
    draft = _changed(draft, kind, identity, environment, colour).normalized()
    asked = new_secret or needs_secret(old, draft)
    secret = Secret(read_secret(draft.kind.secret_name)) if asked else None
    saved = run(saved_connections(context).edit(draft, secret))
    _show(saved, as_json=as_json)
    out.say(f"{saved.name} is saved.")


@connections.command("test")
@click.argument("name")
@data_dir
@as_json
@click.pass_context
def check_connection(click_context: click.Context, name: str, as_json: bool) -> None:
    """Ask for the list of applications, which takes nothing from anybody. Never pulls.

    Exit code 0: it works, or may at least pull. 1: it does not.
    """
    checked = run(_check(click_context.obj, name))
    if as_json:
        out.json_line(
            {
                "kind": checked.severity,
                "sentence": checked.sentence,
                "causes": list(checked.causes),
                "applications": checked.applications,
            }
        )
    else:
        out.line(checked.sentence)
        for cause in checked.causes:
            out.line(f"  - {cause}")
    if checked.severity is Severity.DANGER:
        click_context.exit(1)


@connections.command("remove")
@click.argument("name")
@click.option("--messages", is_flag=True, help="Delete what was received on it, too, for good.")
@data_dir
@as_yes
@click.pass_obj
def remove_connection(context: Context, name: str, messages: bool, yes: bool) -> None:
    """Forget a connection, its secret and its forward URL.

    The messages that came on it stay unless told."""
    connection = run(saved_connections(context).find(name))
    goes = ""
    if messages:
        count = run(_count(context, connection.id))
        goes = f" and delete for good the {count:,} messages that were received on it"
    confirm(f"Remove the connection {connection.name}{goes}?", yes=yes)
    deleted = run(_remove(context, connection.id, messages=messages))
    told = f"; {deleted:,} messages are deleted" if messages else "; its messages are kept"
    out.say(f"{connection.name} is removed{told}.")


async def _load(context: Context) -> "Settings":
    kept = saved_connections(context)
    settings = await kept.load()
    if kept.notice:
        out.say(kept.notice)
    return settings


async def _check(context: Context, name: str) -> "CheckResult":
    from ibconsole.services.connections import check

    kept = saved_connections(context)
    connection = await kept.find(name)
    return await check(await kept.load_account(connection.id))


async def _count(context: Context, connection: str) -> int:
    async with console(context, account=False) as opened:
        return await opened.writer.count_messages(connection)


async def _remove(context: Context, connection: str, *, messages: bool) -> int:
    await saved_connections(context).remove(connection)
    if not messages:
        return 0
    async with console(context, account=False) as opened:
        return await opened.writer.forget(connection)


def _changed(
    connection: "Connection",
    kind: str | None,
    identity: str | None,
    environment: str | None,
    colour: str | None,
) -> "Connection":
    from ibconsole.services.connections import AuthorizationKind, Environment

    return replace(
        connection,
        kind=AuthorizationKind(kind) if kind else connection.kind,
        identity=connection.identity if identity is None else identity,
        environment=Environment(environment) if environment else connection.environment,
        colour=colour or connection.colour,
    )


def _show(connection: "Connection", *, as_json: bool) -> None:
    if as_json:
        out.json_line(_raw(connection))
        return
    out.table(
        ("NAME", "ENVIRONMENT", "BASE URL", "KIND", "IDENTITY"),
        [
            (
                connection.name,
                connection.environment.value,
                connection.base_url,
                connection.kind.value,
                connection.identity,
            )
        ],
    )


def _raw(connection: "Connection") -> dict[str, str]:
    return {
        "id": connection.id,
        "name": connection.name,
        "environment": connection.environment.value,
        "colour": connection.colour,
        "baseUrl": connection.base_url,
        "kind": connection.kind.value,
        "identity": connection.identity,
    }
