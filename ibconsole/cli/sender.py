"""`ibconsole sender`: what is known of the platform's requests, learned from its forwards."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ibconsole.cli import out
from ibconsole.cli.options import GlobalOptions, data_dir_option, json_option
from ibconsole.cli.running import ExitCode
from ibconsole.errors import UserError

if TYPE_CHECKING:
    from ibconsole.services.sender_profile import PlatformUnknown, SenderProfile


@click.group()
@data_dir_option
def sender() -> None:
    """Facts about the platform's requests, learned from the forwards in the archive."""


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
        HOW_TO_LEARN,
        NOTHING,
        day_and_time,
        describe_profile,
        list_facts,
        profile_object,
    )

    profile, unknowns = _learn(options)
    if as_json:
        out.write_json(profile_object(profile, unknowns) if profile else None)
    elif profile:
        rows = [
            (
                one.name,
                one.value,
                str(one.n),
                day_and_time(one.last_at) if one.last_at else "",
                one.tunnel,
            )
            for one in list_facts(profile)
        ]
        out.write_table(("FACT", "VALUE", "SEEN", "LAST", "THROUGH"), rows)
        for sentence in describe_profile(profile):
            out.write_notice(sentence)
        _write_unknowns(unknowns)
    if profile is None:
        out.write_notice(f"{NOTHING} {HOW_TO_LEARN}")
        return ExitCode.FAILED
    return None


def _write_unknowns(unknowns: "Sequence[PlatformUnknown]") -> None:
    from ibconsole.services.sender_profile import day_and_time

    rows = [
        (
            one.question,
            one.observation or "not observed",
            str(one.n),
            day_and_time(one.last_at) if one.last_at else "",
        )
        for one in unknowns
    ]
    out.write_line("")
    out.write_table(("NOT DOCUMENTED", "OBSERVED HERE", "SEEN", "LAST"), rows)


@sender.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--force", is_flag=True, help="Replace FILE if it is a regular file.")
@data_dir_option
@click.pass_obj
def export(options: GlobalOptions, file: Path, force: bool) -> None:
    """Write what is known to FILE as JSON; - is stdout. Credentials in it are masked."""
    from ibconsole.files import is_stream, require_absent
    from ibconsole.services.sender_profile import NOTHING, profile_json, save_profile

    profile, unknowns = _learn(options)
    if profile is None:
        raise UserError(f"{NOTHING} Nothing was written.")
    if str(file) == "-":
        out.write_bytes(profile_json(profile, unknowns))
        return
    try:
        if not force and not is_stream(file):
            require_absent(file)
    except FileExistsError:
        raise UserError(
            f"{file} exists and was left unchanged: use --force to replace it."
        ) from None
    on_wait = partial(out.write_waits_for_reader, file)
    save_profile(file, profile, unknowns, on_wait)


def _learn(options: GlobalOptions) -> "tuple[SenderProfile | None, Sequence[PlatformUnknown]]":
    from ibconsole.services.runtime import find_paths
    from ibconsole.services.sender_profile import learn_sender, learn_unknowns

    archive = find_paths(options.data_dir).archive
    return learn_sender(archive), learn_unknowns(archive)
