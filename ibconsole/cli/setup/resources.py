"""Commands for applications, configurations and actions, one by one."""

import re
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
_CODE = re.compile(r"[0-9a-f]{32}-", re.IGNORECASE)  # the beginning of every code that is known


def _request(options: GlobalOptions, request: "Callable[[Platform], Coroutine[Any, Any, T]]") -> T:
    """Connect to the account, send one request and return its result."""

    async def work() -> T:
        async with open_platform(options) as platform:
            return await request(platform)

    return run(work())


def _request_about(
    options: GlobalOptions,
    app: str,
    request: "Callable[[Platform, str], Coroutine[Any, Any, T]]",
) -> T:
    """Send a request about an application, a code, an ID or a name, and return its result."""

    async def work(platform: "Platform") -> T:
        return await request(platform, await _code_of(platform, app))

    return _request(options, work)


async def _code_of(platform: "Platform", app: str) -> str:
    """Return the code of an application; what no listed one is called is sent as it is.

    Raises NoSuchApplication if several have this name. A code needs no list.
    """
    if _CODE.match(app):
        return app
    from ibconsole.services.diagnosis import find_application, match_applications

    found = match_applications(await platform.applications(), app)
    return find_application(found, app).code if found else app


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
    codes = out.shown_codes()
    if as_json:
        out.write_json(codes.value(_to_objects(result), *(one.code for one in result)))
        return
    headers = ("CODE", "NAME", "REGISTRATIONS", "APNS", "FCM")
    rows = (
        (codes.code(one.code), *_facts(one), *((one.id,) if codes.masked else ())) for one in result
    )
    # With masked codes an application is named by its ID, or by its name.
    out.write_table((*headers, "ID") if codes.masked else headers, rows)


@apps.command("show")
@click.argument("app")
@click.option("--by-id", is_flag=True, help="APP is an application ID, not a code or a name.")
@account_options
@json_option
@click.pass_obj
def show_app(options: GlobalOptions, app: str, by_id: bool, as_json: bool) -> None:
    """Show one application: APP is a code, an ID or a name."""
    if by_id:
        result = _request(options, lambda platform: platform.application(app, by_id=True))
    else:
        result = _request_about(options, app, lambda platform, code: platform.application(code))
    codes = out.shown_codes()
    if as_json:
        out.write_json(codes.value(_to_object(result), result.code))
        return
    for name, value in (
        ("Name", result.name),
        ("Code", codes.code(result.code)),
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
    """List the configurations of APP, a code, an ID or a name; it has none or one."""
    found = _request_about(options, app, lambda platform, code: platform.configurations(code))
    _write_keys(found, as_json=as_json)


@configs.command("show")
@click.argument("app")
@click.argument("config")
@account_options
@json_option
@click.pass_obj
def show_config(options: GlobalOptions, app: str, config: str, as_json: bool) -> None:
    """Show one configuration."""
    _write_resource(
        _request_about(options, app, lambda platform, code: platform.configuration(code, config)),
        as_json=as_json,
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
        _request_about(options, app, lambda platform, code: platform.create_configuration(code)),
        as_json=as_json,
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
    _request_about(options, app, lambda platform, code: platform.delete_configuration(code, config))
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
    result = _request_about(options, app, lambda platform, code: platform.actions(code, config))
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
        _request_about(
            options, app, lambda platform, code: platform.create_action(code, config, draft)
        ),
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
    _request_about(
        options, app, lambda platform, code: platform.delete_action(code, config, action)
    )
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


def _facts(one: "Application") -> tuple[str, ...]:
    return one.name, _number(one.registrations), _enabled(one.apns), _enabled(one.gcm)


def _number(value: int | None) -> str:
    return "?" if value is None else str(value)


def _enabled(value: bool | None) -> str:
    return {True: "on", False: "off", None: "?"}[value]
