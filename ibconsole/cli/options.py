"""The options that several commands share, and the questions that they ask."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from ibconsole.cli.out import shown_codes, write_waits_for_reader
from ibconsole.errors import UserError
from ibconsole.files import open_stream
from ibconsole.pasted import clean_pasted
from ibconsole.secret import Secret
from ibconsole.text import fold

F = TypeVar("F", bound=Callable[..., Any])

API_KEY_VARIABLE = "IBCONSOLE_API_KEY"
DASH = Path("-")  # stdin or stdout, in place of a file


class FileUnusable(UserError):
    """A file that a command was given cannot be read or written."""


class StreamFailed(UserError):
    """A pipe or a device that the user named cannot be written."""


@dataclass
class GlobalOptions:
    """The values of the options that may stand before or after a command's name."""

    data_dir: Path | None = None
    base_url: str = ""
    connection: str = ""
    read_only: bool = False
    production_name: str = ""
    reason: str = ""


def json_option(command: F) -> F:
    """Add --json to a command."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Write the result to stdout as JSON."
    )(command)


def yes_option(command: F) -> F:
    """Add --yes to a command."""
    return click.option("--yes", is_flag=True, help="Do not ask for confirmation.")(command)


def _storing(name: str, convert: Callable[[Any], Any] = lambda value: value) -> Callable[..., None]:
    """Return the callback of an option that is kept in this field of GlobalOptions, if it is given.

    So the option may stand before or after the command's name.
    """

    def store(context: click.Context, _: click.Parameter, value: object) -> None:
        if value:
            setattr(context.ensure_object(GlobalOptions), name, convert(value))

    return store


def data_dir_option(command: F) -> F:
    """Add --data-dir to a command; it is accepted before and after the command's name."""

    return click.option(
        "--data-dir",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        callback=_storing("data_dir"),
        expose_value=False,
        help="Store everything in DIR (or set IBCONSOLE_DATA_DIR).",
    )(command)


def account_options(command: F) -> F:
    """Add --connection, --base-url and --data-dir; a secret is never taken as an argument."""

    with_url = click.option(
        "--base-url",
        metavar="URL",
        callback=_storing("base_url", _normalize_url),
        expose_value=False,
        help=f"The base URL of an unsaved account; its API key is read from {API_KEY_VARIABLE}.",
    )(command)
    return data_dir_option(_read_only_option(connection_option(with_url)))


def connection_option(command: F) -> F:
    """Add --connection; it is accepted before and after the command's name."""
    return click.option(
        "--connection",
        metavar="NAME",
        callback=_storing("connection"),
        expose_value=False,
        shell_complete=_complete_connection,
        help="The saved connection to use (see: ibconsole connections list).",
    )(command)


def production_option(command: F) -> F:
    """Add --production-ok, which unlocks a connection for this command alone, and --reason."""

    return click.option(
        "--production-ok",
        metavar="NAME",
        callback=_storing("production_name"),
        expose_value=False,
        shell_complete=_complete_connection,
        help="Do it although the connection is locked; NAME is its name, typed again.",
    )(reason_option(command))


def reason_option(command: F) -> F:
    """Add --reason."""
    return click.option(
        "--reason",
        metavar="TEXT",
        callback=_storing("reason"),
        expose_value=False,
        help="Why; it is kept in the audit. Production requires it.",
    )(command)


def _read_only_option(command: F) -> F:
    return click.option(
        "--read-only",
        is_flag=True,
        callback=_storing("read_only"),
        expose_value=False,
        help="Change nothing and pull nothing, whatever the command asks for.",
    )(command)


def read_api_key() -> str:
    """Return the API key from the environment; raise a usage error if it is not valid."""
    from ibconsole.api import clean_api_key

    pasted = clean_pasted(os.environ.get(API_KEY_VARIABLE, ""))
    if not pasted:
        raise click.UsageError(
            f"There is no API key: set {API_KEY_VARIABLE} in the environment"
            " (it is not an argument, because the process list shows arguments)."
        )
    try:
        return clean_api_key(Secret(pasted))
    except UserError as error:
        raise click.UsageError(f"{API_KEY_VARIABLE}: {error}") from error


def read_secret(name: str) -> str:
    """Read a secret with a hidden prompt, or from the next line of stdin that is not blank."""
    secret = read_optional_secret(name)
    if not secret:
        raise click.UsageError(f"{name}: nothing was entered, neither by hand nor on stdin.")
    return secret


def read_optional_secret(name: str) -> str:
    """Read a secret as `read_secret` does; empty if nothing was entered."""
    if sys.stdin.isatty():
        text: str = click.prompt(name, hide_input=True, err=True, default="", show_default=False)
    else:
        text = next((line for line in sys.stdin if line.strip()), "")
    return text.strip("\r\n")


def name_of(file: Path) -> str:
    """Return what sentences call a file; - is stdin."""
    return "stdin" if file == DASH else str(file)


def read_input(file: Path) -> bytes:
    """Read a file, a pipe, or stdin for -, as far as a document may be long, and a byte more.

    Raises FileUnusable.
    """
    from ibconsole.services.documents import LARGEST

    try:
        if file == DASH:
            return sys.stdin.buffer.read(LARGEST + 1)
        with file.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        raise FileUnusable(f"{name_of(file)} cannot be read: {error.strerror}.") from error


@contextmanager
def open_output(output: Path | None) -> Iterator[BinaryIO]:
    """Open a pipe or a device, or stdout for None; what is written is written at the end."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with open_stream(output, lambda: write_waits_for_reader(output)) as stream:
            yield stream
    except OSError as error:
        raise StreamFailed(
            f"{output} could not be written completely: {error.strerror}. The archive is unharmed."
        ) from error


def refuse_dash(file: Path) -> None:
    """Raise a usage error for stdin or stdout in place of a file that has to be on a disk."""
    if file == DASH:
        raise click.UsageError(
            "- is stdin or stdout, and this has to be a file on a disk: give its name."
        )


def confirm(question: str, *, yes: bool) -> None:
    """Ask the user, and end the command if the answer is no.

    Without a terminal it is a usage error, unless --yes was given.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} There is no terminal to ask on: add --yes to do it.")
    if not click.confirm(shown_codes().text(question), err=True):
        raise click.exceptions.Exit(1)


def _complete_connection(context: click.Context, _: click.Parameter, typed: str) -> list[str]:
    """Return the names of saved connections for a shell; none if they cannot be read."""
    from ibconsole.services.connections import saved_names
    from ibconsole.services.runtime import find_paths

    try:
        paths = find_paths(context.ensure_object(GlobalOptions).data_dir)
    except UserError:
        return []
    return [name for name in saved_names(paths.settings) if fold(name).startswith(fold(typed))]


def _normalize_url(text: str) -> str:
    from ibconsole.api import normalize_base_url

    try:
        return normalize_base_url(text)
    except UserError as error:
        raise click.BadParameter(str(error), param_hint="--base-url") from error
