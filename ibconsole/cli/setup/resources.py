"""Commands for applications, configurations and actions, one by one."""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ibconsole.cli import (
    GlobalOptions,
    account_options,
    confirm,
    json_option,
    open_platform,
    out,
    production_option,
    require_permitted,
    run,
    yes_option,
)
from ibconsole.pasted import clean_pasted

if TYPE_CHECKING:
    from ibconsole.api import Platform
    from ibconsole.model import Action, Application, Configuration

    Resource = Application | Configuration | Action

T = TypeVar("T")


def _request(options: GlobalOptions, request: "Callable[[Platform], Coroutine[Any, Any, T]]") -> T:
    """Connect to the account, send one request and return its result."""

    async def work() -> T:
        async with open_platform(options) as platform:
            return await request(platform)

    return run(work())


def _require_permitted(options: GlobalOptions) -> None:
    from ibconsole.api import CallKind

    run(require_permitted(options, CallKind.CHANGE))


@click.group()
@account_options
def apps() -> None:
    """Applications of the account."""


@apps.command("list")
@account_options
@json_option
@click.pass_obj
def list_apps(options: GlobalOptions, as_json: bool) -> None:
    """List the applications."""
    result = _request(options, lambda platform: platform.applications())
    if as_json:
        out.write_json(_to_objects(result))
        return
    out.write_table(
        ("CODE", "NAME", "REGISTRATIONS", "APNS", "FCM"),
        (
            (one.code, one.name, _number(one.registrations), _enabled(one.apns), _enabled(one.gcm))
            for one in result
        ),
    )


@apps.command("show")
@click.argument("app")
@click.option("--by-id", is_flag=True, help="APP is an application ID, not a code.")
@account_options
@json_option
@click.pass_obj
def show_app(options: GlobalOptions, app: str, by_id: bool, as_json: bool) -> None:
    """Show one application."""
    result = _request(options, lambda platform: platform.application(app, by_id=by_id))
    if as_json:
        out.write_json(_to_object(result))
        return
    for name, value in (
        ("Name", result.name),
        ("Code", result.code),
        ("ID", result.id),
        ("Description", result.description),
        ("Registrations", _number(result.registrations)),
        ("APNs", _enabled(result.apns)),
        ("FCM", _enabled(result.gcm)),
    ):
        out.write_line(f"{name:14}{value}")


@click.group()
@account_options
def configs() -> None:
    """The configuration of an application."""


@configs.command("list")
@click.argument("app")
@account_options
@json_option
@click.pass_obj
def list_configs(options: GlobalOptions, app: str, as_json: bool) -> None:
    """List the configurations of APP; it has none or one."""
    _write_keys(_request(options, lambda platform: platform.configurations(app)), as_json=as_json)


@configs.command("show")
@click.argument("app")
@click.argument("config")
@account_options
@json_option
@click.pass_obj
def show_config(options: GlobalOptions, app: str, config: str, as_json: bool) -> None:
    """Show one configuration."""
    _write_resource(
        _request(options, lambda platform: platform.configuration(app, config)), as_json=as_json
    )


@configs.command("create")
@click.argument("app")
@account_options
@production_option
@json_option
@click.pass_obj
def create_config(options: GlobalOptions, app: str, as_json: bool) -> None:
    """Create the configuration of APP."""
    _write_resource(
        _request(options, lambda platform: platform.create_configuration(app)), as_json=as_json
    )


@configs.command("delete")
@click.argument("app")
@click.argument("config")
@account_options
@production_option
@yes_option
@click.pass_obj
def delete_config(options: GlobalOptions, app: str, config: str, yes: bool) -> None:
    """Delete a configuration, probably with its actions (this is not documented)."""
    _require_permitted(options)
    confirm(f"Delete the configuration {config} of {app}, and its actions?", yes=yes)
    _request(options, lambda platform: platform.delete_configuration(app, config))
    out.write_notice(f"The configuration {config} is deleted.")


@click.group()
@account_options
def actions() -> None:
    """The actions of a configuration."""


@actions.command("list")
@click.argument("app")
@click.argument("config")
@account_options
@json_option
@click.pass_obj
def list_actions(options: GlobalOptions, app: str, config: str, as_json: bool) -> None:
    """List the actions."""
    result = _request(options, lambda platform: platform.actions(app, config))
    if as_json:
        out.write_json(_to_objects(result))
        return
    out.write_table(
        ("KEY", "TYPE", "FORWARD URL", "CALLBACK DATA"),
        ((one.key, one.type, one.forward_url, one.callback_data) for one in result),
    )


@actions.command("create")
@click.argument("app")
@click.argument("config")
@click.option("--forward-url", metavar="URL", help="Forward every message to this URL.")
@click.option("--pull", "pull", is_flag=True, help="Keep every message for pulling.")
@click.option("--callback-data", metavar="TEXT", default="", help="Echoed in every message.")
@account_options
@production_option
@json_option
@click.pass_obj
def create_action(
    options: GlobalOptions,
    app: str,
    config: str,
    forward_url: str | None,
    pull: bool,
    callback_data: str,
    as_json: bool,
) -> None:
    """Create an action that forwards messages, or keeps them for a pull."""
    if pull == (forward_url is not None):
        raise click.UsageError("Give either --forward-url URL or --pull.")
    from ibconsole.model import ActionDraft, ActionType

    draft = ActionDraft(
        type=ActionType.PULL if pull else ActionType.HTTP_FORWARD,
        forward_url=clean_pasted(forward_url or ""),
        callback_data=callback_data,
    )
    _write_resource(
        _request(options, lambda platform: platform.create_action(app, config, draft)),
        as_json=as_json,
    )


@actions.command("delete")
@click.argument("app")
@click.argument("config")
@click.argument("action")
@account_options
@production_option
@yes_option
@click.pass_obj
def delete_action(options: GlobalOptions, app: str, config: str, action: str, yes: bool) -> None:
    """Delete an action."""
    _require_permitted(options)
    confirm(f"Delete the action {action} of {app}?", yes=yes)
    _request(options, lambda platform: platform.delete_action(app, config, action))
    out.write_notice(f"The action {action} is deleted.")


def _write_resource(resource: "Configuration | Action", *, as_json: bool) -> None:
    if as_json:
        out.write_json(_to_object(resource))
    else:
        out.write_line(resource.key)


def _write_keys(resources: "Iterable[Configuration]", *, as_json: bool) -> None:
    if as_json:
        out.write_json(_to_objects(resources))
        return
    for resource in resources:
        out.write_line(resource.key)


def _to_objects(resources: "Iterable[Resource]") -> list[Mapping[str, Any]]:
    return [_to_object(resource) for resource in resources]


def _to_object(resource: "Resource") -> Mapping[str, Any]:
    """Return the object as the platform sent it, with its oddities added if there are any."""
    if not resource.oddities:
        return resource.raw
    return {**resource.raw, "_ibconsole": {"oddities": list(resource.oddities)}}


def _number(value: int | None) -> str:
    return "?" if value is None else str(value)


def _enabled(value: bool | None) -> str:
    return {True: "on", False: "off", None: "?"}[value]
