"""`ibconsole sender`: what is known of the platform's requests, learned from its forwards."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ibconsole.cli import out
from ibconsole.cli.options import GlobalOptions, data_dir_option, json_option
from ibconsole.cli.running import ExitCode
from ibconsole.errors import UserError

if TYPE_CHECKING:
    from ibconsole.services.sender_profile import SenderProfile


@click.group()
@data_dir_option
def sender() -> None:
    """The look of the platform's requests, learned from the forwards in the archive."""


@sender.command()
@data_dir_option
@json_option
@click.pass_obj
def show(options: GlobalOptions, as_json: bool) -> int | None:
    """Show each fact with the number of observations and the time of the last one.

    Tests of forward URLs use it: `ibconsole forward-test URL --as platform`. Exit code 1: no
    forward of the platform is in the archive.
    """
    from ibconsole.services.sender_profile import (
        NOTHING,
        day_and_time,
        describe_profile,
        list_facts,
        profile_object,
    )

    profile = _learn(options)
    if as_json:
        out.write_json(profile_object(profile) if profile else None)
    elif profile:
        rows = [
            (one.name, one.value, str(one.n), day_and_time(one.last_at) if one.last_at else "")
            for one in list_facts(profile)
        ]
        out.write_table(("FACT", "VALUE", "SEEN", "LAST"), rows)
        for sentence in describe_profile(profile):
            out.write_notice(sentence)
    if profile is None:
        out.write_notice(NOTHING)
        return ExitCode.FAILED
    return None


@sender.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--force", is_flag=True, help="Replace FILE if it is a regular file.")
@data_dir_option
@click.pass_obj
def export(options: GlobalOptions, file: Path, force: bool) -> None:
    """Write what is known to FILE as JSON; - is stdout. Credentials in it are masked."""
    from ibconsole.files import is_stream, require_absent, save
    from ibconsole.services.sender_profile import NOTHING, profile_object

    profile = _learn(options)
    if profile is None:
        raise UserError(f"{NOTHING} Nothing was written.")
    data = json.dumps(profile_object(profile), ensure_ascii=False, indent=2).encode() + b"\n"
    if str(file) == "-":
        out.write_bytes(data)
        return
    try:
        if not force and not is_stream(file):
            require_absent(file)
        save(file, data, lambda: out.write_waits_for_reader(file))
    except FileExistsError:
        raise UserError(
            f"{file} exists and was left unchanged: use --force to replace it."
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            f"{file} could not be written: {reason}. The archive is unharmed."
        ) from error


def _learn(options: GlobalOptions) -> "SenderProfile | None":
    from ibconsole.services.runtime import find_paths
    from ibconsole.services.sender_profile import learn_sender

    return learn_sender(find_paths(options.data_dir).archive)
