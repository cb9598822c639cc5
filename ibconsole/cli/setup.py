"""Commands about applications, configurations and actions."""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ibconsole.cli import out
from ibconsole.cli.options import Context, account, as_json, as_yes, confirm
from ibconsole.cli.running import console, run
from ibconsole.model import Action, ActionDraft, ActionType, Application, Configuration

if TYPE_CHECKING:
    from ibconsole.api import Platform

T = TypeVar("T")


def _ask(context: Context, request: "Callable[[Platform], Coroutine[Any, Any, T]]") -> T:
    """What the account's platform answers to one request."""

    async def work() -> T:
        async with console(context) as opened:
            return await request(opened.platform)

    return run(work())


@click.group()
@account
def apps() -> None:
    """Applications of the account."""


@apps.command("list")
@account
@as_json
@click.pass_obj
def list_apps(context: Context, as_json: bool) -> None:
    """List the applications."""
    found = _ask(context, lambda platform: platform.applications())
    if as_json:
        out.json_line(_raws(found))
        return
    out.table(
        ("CODE", "NAME", "REGISTRATIONS", "APNS", "FCM"),
        (
            (one.code, one.name, _number(one.registrations), _enabled(one.apns), _enabled(one.gcm))
            for one in found
        ),
    )


@apps.command("show")
@click.argument("app")
@click.option("--by-id", is_flag=True, help="APP is an application ID, not a code.")
@account
@as_json
@click.pass_obj
def show_app(context: Context, app: str, by_id: bool, as_json: bool) -> None:
    """Show one application."""
    found = _ask(context, lambda platform: platform.application(app, by_id=by_id))
    if as_json:
        out.json_line(_raw(found))
        return
    for name, value in (
        ("Name", found.name),
        ("Code", found.code),
        ("ID", found.id),
        ("Description", found.description),
        ("Registrations", _number(found.registrations)),
        ("APNs", _enabled(found.apns)),
        ("FCM", _enabled(found.gcm)),
    ):
        out.line(f"{name:14}{value}")


@click.group()
@account
def configs() -> None:
    """The configuration of an application."""


@configs.command("list")
@click.argument("app")
@account
@as_json
@click.pass_obj
def list_configs(context: Context, app: str, as_json: bool) -> None:
    """List the configurations of APP: none or one."""
    _show_all(_ask(context, lambda platform: platform.configurations(app)), as_json=as_json)


@configs.command("show")
@click.argument("app")
@click.argument("config")
@account
@as_json
@click.pass_obj
def show_config(context: Context, app: str, config: str, as_json: bool) -> None:
    """Show one configuration."""
    _show(_ask(context, lambda platform: platform.configuration(app, config)), as_json=as_json)


@configs.command("create")
@click.argument("app")
@account
@as_json
@click.pass_obj
def create_config(context: Context, app: str, as_json: bool) -> None:
    """Create the configuration of APP."""
    _show(_ask(context, lambda platform: platform.create_configuration(app)), as_json=as_json)


@configs.command("delete")
@click.argument("app")
@click.argument("config")
@account
@as_yes
@click.pass_obj
def delete_config(context: Context, app: str, config: str, yes: bool) -> None:
    """Delete a configuration; its actions go with it (not documented, but likely)."""
    confirm(f"Delete the configuration {config} of {app}, and its actions with it?", yes=yes)
    _ask(context, lambda platform: platform.delete_configuration(app, config))
    out.say(f"The configuration {config} is deleted.")


@click.group()
@account
def actions() -> None:
    """The actions of a configuration."""


@actions.command("list")
@click.argument("app")
@click.argument("config")
@account
@as_json
@click.pass_obj
def list_actions(context: Context, app: str, config: str, as_json: bool) -> None:
    """List the actions."""
    found = _ask(context, lambda platform: platform.actions(app, config))
    if as_json:
        out.json_line(_raws(found))
        return
    out.table(
        ("KEY", "TYPE", "FORWARD URL", "CALLBACK DATA"),
        ((one.key, one.type, one.forward_url, one.callback_data) for one in found),
    )


@actions.command("create")
@click.argument("app")
@click.argument("config")
@click.option("--forward-url", metavar="URL", help="Forward every message to this URL.")
@click.option("--pull", "keep", is_flag=True, help="Keep every message for pulling.")
@click.option("--callback-data", metavar="TEXT", default="", help="Echoed in every message.")
@account
@as_json
@click.pass_obj
def create_action(
    context: Context,
    app: str,
    config: str,
    forward_url: str | None,
    keep: bool,
    callback_data: str,
    as_json: bool,
) -> None:
    """Create an action: forward, or keep for pulling."""
    if keep == (forward_url is not None):
        raise click.UsageError("Give either --forward-url URL or --pull.")
    draft = ActionDraft(
        type=ActionType.PULL if keep else ActionType.HTTP_FORWARD,
        forward_url=forward_url or "",
        callback_data=callback_data,
    )
    _show(
        _ask(context, lambda platform: platform.create_action(app, config, draft)), as_json=as_json
    )


@actions.command("delete")
@click.argument("app")
@click.argument("config")
@click.argument("action")
@account
@as_yes
@click.pass_obj
def delete_action(context: Context, app: str, config: str, action: str, yes: bool) -> None:
    """Delete an action."""
    confirm(f"Delete the action {action} of {app}?", yes=yes)
    _ask(context, lambda platform: platform.delete_action(app, config, action))
    out.say(f"The action {action} is deleted.")


Resource = Application | Configuration | Action


def _show(resource: Configuration | Action, *, as_json: bool) -> None:
    if as_json:
        out.json_line(_raw(resource))
    else:
        out.line(resource.key)


def _show_all(resources: Iterable[Configuration], *, as_json: bool) -> None:
    if as_json:
        out.json_line(_raws(resources))
        return
    for resource in resources:
        out.line(resource.key)


def _raws(resources: Iterable[Resource]) -> list[Mapping[str, Any]]:
    return [_raw(resource) for resource in resources]


def _raw(resource: Resource) -> Mapping[str, Any]:
    """As the platform sent it, with ours beside it where there is something to say."""
    if not resource.oddities:
        return resource.raw
    return {**resource.raw, "_ibconsole": {"oddities": list(resource.oddities)}}


def _number(value: int | None) -> str:
    return "?" if value is None else str(value)


def _enabled(value: bool | None) -> str:
    return {True: "on", False: "off", None: "?"}[value]
