"""Commands for the setup as a file; the export of an account's setup."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ibconsole.cli import (
    DASH,
    ExitCode,
    FileUnusable,
    GlobalOptions,
    account_options,
    name_of,
    open_platform,
    out,
    read_input,
    resolve_account,
    run,
)
from ibconsole.files import (
    TargetExists,
    draft_file,
    is_missing,
    is_stream,
    publish_draft,
    replaceable,
    require_absent,
    save,
)
from ibconsole.plural import counted

if TYPE_CHECKING:
    from ibconsole.services.documents import FileFormat
    from ibconsole.services.setup.files import SetupExportOptions, SetupFile, WantedApplication


class _SetupGroup(click.Group):
    """Commands whose exit code 2 says that something differs: wrong usage is 1, as any error."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _usage_errors_fail():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _usage_errors_fail():
            return super().invoke(ctx)


class _WrongUsage(click.UsageError):
    exit_code = ExitCode.FAILED


@contextmanager
def _usage_errors_fail() -> Iterator[None]:
    try:
        yield
    except click.UsageError as error:
        raise _WrongUsage(error.format_message(), error.ctx) from error


@click.group(cls=_SetupGroup)
@account_options
def setup() -> None:
    """The setup of an account as a file, which can be compared and applied."""


@setup.command("export")
@click.argument("apps", nargs=-1, metavar="[APP]...")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["yaml", "json"]),
    help="The format of the file; without it by the name of FILE, else YAML.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write into FILE instead of stdout.",
)
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.option("--merge", is_flag=True, help="Change FILE where the account differs; comments stay.")
@click.option("--mask-query", is_flag=True, help="Mask the values of queries in URLs.")
@click.option("--codes", is_flag=True, help="Add application codes, credentials of the mobile SDK.")
@click.option("--keys", is_flag=True, help="Add the keys of configurations and actions.")
@account_options
@click.pass_obj
def export_setup(
    options: GlobalOptions,
    apps: tuple[str, ...],
    format_name: str | None,
    output: Path | None,
    force: bool,
    merge: bool,
    mask_query: bool,
    codes: bool,
    keys: bool,
) -> None:
    """Write the setup of the account, or of these applications: each a code, an ID or a name.

    The same setup always gives the same file. Without APP, --merge also removes applications that
    the account does not have. User names and passwords in URLs, and the account's credential, are
    masked; a masked value stands for the action that it was exported from.
    """
    from ibconsole.services.protection import find_policy
    from ibconsole.services.setup.files import SetupExportOptions, merge_into, write_setup_file

    if codes:
        find_policy().require("forbid_revealed_codes", "An export with application codes")
    output = None if output == DASH else output
    existing = _read_existing(output, force=force) if merge else None
    if existing is None:
        _require_writable(output, force=force)
    chosen = SetupExportOptions(
        with_codes=codes,
        with_keys=keys,
        masks_queries=mask_query,
        shown_codes=out.shown_codes(),
    )
    wanted = run(_read_setup(options, apps, chosen))
    if existing is None:
        data = write_setup_file(wanted, _format(format_name, output))
    else:
        data = merge_into(existing, str(output), wanted, is_complete=not apps)
    if output is None:
        out.write_bytes(data)
    elif data == existing:
        out.write_notice(f"{output} describes the account already; it was not changed.")
    else:
        _write(output, data, replace=force or existing is not None)
        out.write_notice(f"Exported {counted(len(wanted), 'application')} to {output}.")


def read_setup(file: Path) -> "SetupFile":
    """Read a setup file; - is stdin.

    Raises FileUnusable, or InvalidDocument with the place of each problem.
    """
    from ibconsole.services.setup.files import read_setup_file

    return read_setup_file(read_input(file), name_of(file))


def _format(format_name: str | None, output: Path | None) -> "FileFormat":
    from ibconsole.services.documents import FileFormat

    if format_name:
        return FileFormat(format_name)
    is_json = output is not None and output.suffix.lower() == ".json"
    return FileFormat.JSON if is_json else FileFormat.YAML


def _read_existing(output: Path | None, *, force: bool) -> bytes | None:
    """Read the file to be merged with, before any request; None if there is none."""
    from ibconsole.services.setup.files import read_setup_file

    if output is None or is_stream(output):
        raise click.UsageError("--merge changes a file: name it with --output FILE.")
    if force:
        raise click.UsageError("--force replaces FILE, and --merge keeps it: give one of them.")
    if is_missing(output):
        return None
    existing = read_input(output)
    read_setup_file(existing, str(output))
    return existing


def _require_writable(output: Path | None, *, force: bool) -> None:
    """Raise FileUnusable before any request if FILE exists, and is not to be replaced."""
    if output is None or is_stream(output):
        return
    try:
        if force or output.is_dir():
            replaceable(output)
        else:
            require_absent(output)
    except TargetExists:
        raise FileUnusable(
            f"{output} exists already, and was not changed. Use --force to replace it, or --merge."
        ) from None
    except OSError as error:
        raise _unwritable(output, error) from error


def _write(output: Path, data: bytes, *, replace: bool) -> None:
    try:
        if replace or is_stream(output):
            save(output, data, lambda: out.write_waits_for_reader(output))
            return
        with draft_file(output) as draft:
            draft.write_bytes(data)
            publish_draft(draft, output)
    except OSError as error:
        raise _unwritable(output, error) from error


def _unwritable(output: Path, error: OSError) -> FileUnusable:
    return FileUnusable(f"{output} cannot be written: {error.strerror}. The account is unchanged.")


async def _read_setup(
    options: GlobalOptions, apps: tuple[str, ...], chosen: "SetupExportOptions"
) -> "tuple[WantedApplication, ...]":
    from msgspec.structs import replace

    from ibconsole.services.diagnosis import find_application
    from ibconsole.services.messages import Progress
    from ibconsole.services.setup import read_routes
    from ibconsole.services.setup.files import wanted_setup

    account = await resolve_account(options)
    progress = out.ProgressWriter()
    async with open_platform(options, account) as platform:
        listed = await platform.applications()
        named = [find_application(listed, app) for app in apps] if apps else listed
        found = list({one.code: one for one in named if one.code}.values())
        if unnamed := len([one for one in named if not one.code]):
            left_out = counted(unnamed, "application without a code", "applications without a code")
            out.write_notice(f"The platform lists {left_out}: left out.")
        routes = await read_routes(
            platform, found, lambda done, total: progress(Progress("Reading", done, total))
        )
    chosen = replace(chosen, credential=account.credential.secret)
    return wanted_setup([(one, routes[one.code]) for one in found], listed, chosen)
