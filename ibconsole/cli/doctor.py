"""`ibconsole doctor`: checks of everything that the program depends on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ibconsole.cli import out
from ibconsole.cli.options import GlobalOptions, data_dir_option, json_option
from ibconsole.cli.running import ExitCode, run
from ibconsole.lazy import LazyModule

if TYPE_CHECKING:
    import asyncio

    from ibconsole.services.doctor import ComputerCheck, KeyringDiagnosis
else:
    asyncio = LazyModule("asyncio")

_KEYRING_TIMEOUT = 30.0  # seconds, in which its user may unlock it


@click.command()
@data_dir_option
@json_option
@click.pass_obj
def doctor(options: GlobalOptions, as_json: bool) -> int | None:
    """Check what the program depends on, and say what to do about each problem.

    Checks versions, directories, the window system, certificates, the archive, the variables of
    the proxy environment, and the system's keyring, by writing, reading and deleting a test entry.
    Tries to reach the base URL of each saved connection, as requests do, without a credential.
    Everything is tried at the same time, for half a minute at most.

    Exit code 0: there is no problem. 1: there is a problem.
    """
    from ibconsole.services.doctor import read_versions

    findings, diagnosis = run(_examine(options))
    healthy = diagnosis.healthy and all(finding.good for finding in findings)
    if as_json:
        out.write_json(
            {
                "healthy": healthy,
                "versions": read_versions(),
                "findings": [
                    {"name": finding.name, "good": finding.good, "sentence": finding.sentence}
                    for finding in findings
                ],
                "system": diagnosis.system,
                "keyring": diagnosis.backend.name if diagnosis.backend else None,
                "library": diagnosis.backend.library if diagnosis.backend else None,
                "steps": [
                    {
                        "name": step.name,
                        "good": step.good,
                        "sentence": step.sentence,
                        "seconds": round(step.seconds, 3),
                    }
                    for step in diagnosis.steps
                ],
                "advice": list(diagnosis.advice),
            }
        )
    else:
        for name, version in read_versions().items():
            out.write_line(f"{name}: {version}")
        for line in (*map(str, findings), *diagnosis.report.splitlines()):
            out.write_line(line)
    out.write_notice(diagnosis.sentence)
    for finding in findings:
        if not finding.good:
            out.write_notice(f"{finding.name}: {finding.sentence}")
    return None if healthy else ExitCode.FAILED


async def _examine(
    options: GlobalOptions,
) -> "tuple[Sequence[ComputerCheck], KeyringDiagnosis]":
    """Run everything at the same time: each part may have to wait for its time-out."""
    from ibconsole.services.connections import Vault, saved_base_urls
    from ibconsole.services.doctor import (
        check_computer,
        check_proxies,
        probe_keyring,
        try_base_urls,
    )
    from ibconsole.services.runtime import find_paths

    paths = find_paths(options.data_dir)
    connections = dict(saved_base_urls(paths.settings))
    if options.base_url:
        connections["--base-url"] = options.base_url
    computer, tries, diagnosis = await asyncio.gather(
        check_computer(paths),
        try_base_urls(connections),
        probe_keyring(Vault(), _KEYRING_TIMEOUT),
    )
    *before, archive = computer
    findings = [*before, check_proxies(list(connections.values())), *tries, archive]
    return findings, diagnosis
