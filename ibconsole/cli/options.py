"""What several commands take: the account, the data directory, JSON, and being asked."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from ibconsole.errors import UserError

F = TypeVar("F", bound=Callable[..., Any])

KEY_VARIABLE = "IBCONSOLE_API_KEY"


@dataclass
class Context:
    """What the options before a command have said."""

    data_dir: Path | None = None
    base_url: str = ""
    connection: str = ""


def as_json(command: F) -> F:
    """Adds --json."""
    return click.option("--json", "as_json", is_flag=True, help="Answer in JSON, on stdout only.")(
        command
    )


def as_yes(command: F) -> F:
    """Adds --yes."""
    return click.option("--yes", is_flag=True, help="Do it without asking.")(command)


def data_dir(command: F) -> F:
    """Adds --data-dir, before and behind the command's name alike."""

    def keep(context: click.Context, _: click.Parameter, value: Path | None) -> None:
        if value:
            context.ensure_object(Context).data_dir = value

    return click.option(
        "--data-dir",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        callback=keep,
        expose_value=False,
        help="Write everything there (or set IBCONSOLE_DATA_DIR).",
    )(command)


def account(command: F) -> F:
    """Adds --connection, and --base-url; a secret is never taken as an argument."""

    def keep_url(context: click.Context, _: click.Parameter, value: str | None) -> None:
        if value:
            context.ensure_object(Context).base_url = _normal(value)

    def keep_name(context: click.Context, _: click.Parameter, value: str | None) -> None:
        if value:
            context.ensure_object(Context).connection = value

    with_url = click.option(
        "--base-url",
        metavar="URL",
        callback=keep_url,
        expose_value=False,
        help=f"An unsaved account: its base URL; its API key is read from {KEY_VARIABLE}.",
    )(command)
    with_name = click.option(
        "--connection",
        metavar="NAME",
        callback=keep_name,
        expose_value=False,
        shell_complete=_saved_names,
        help="The saved connection to work with (see: ibconsole connections list).",
    )(with_url)
    return data_dir(with_name)


def _saved_names(context: click.Context, _: click.Parameter, typed: str) -> list[str]:
    """The names of saved connections, for a shell; none if they cannot be read."""
    from ibconsole.services.connections import saved_names
    from ibconsole.services.runtime import find_paths

    places = find_paths(context.ensure_object(Context).data_dir)
    return [name for name in saved_names(places.settings) if name.lower().startswith(typed.lower())]


def key_from_environment() -> str:
    """The API key; a usage error if the environment has none."""
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not key:
        raise click.UsageError(
            f"There is no API key: set {KEY_VARIABLE} in the environment"
            " (it is not taken as an argument, which the process list would show)."
        )
    if not key.isascii() or not key.isprintable():
        raise click.UsageError(f"The API key in {KEY_VARIABLE} holds characters that no key has.")
    return key


def read_secret(name: str) -> str:
    """A secret by a prompt that does not show it; the first line of stdin where nobody is there."""
    if sys.stdin.isatty():
        text: str = click.prompt(name, hide_input=True, err=True, default="", show_default=False)
    else:
        text = sys.stdin.readline()
    secret = text.strip("\r\n")
    if not secret:
        raise click.UsageError(f"{name}: nothing was entered, neither by hand nor on stdin.")
    return secret


def confirm(question: str, *, yes: bool) -> None:
    """Go on only if the user agrees; where nobody can be asked, --yes is needed."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} Nobody can be asked here: add --yes to do it.")
    if not click.confirm(question, err=True):
        raise click.exceptions.Exit(1)


def _normal(text: str) -> str:
    from ibconsole.api import normalize_base_url

    try:
        return normalize_base_url(text)
    except UserError as error:
        raise click.BadParameter(str(error), param_hint="--base-url") from error
