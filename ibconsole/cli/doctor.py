"""`ibconsole doctor`: whether everything that the program stands on is as it should be."""

import click

from ibconsole.cli import out
from ibconsole.cli.options import Context, as_json, data_dir
from ibconsole.cli.running import run

FAILED = 1


@click.command()
@data_dir
@as_json
@click.pass_obj
def doctor(context: Context, as_json: bool) -> int | None:
    """Examine what the program stands on here, and say what to do where something is amiss.

    Versions, directories, the window system, certificates, proxies, the archive, and the system's
    keyring, with a probe: write it, read it, delete it. Asks nobody on the network.

    Exit code 0: all is well. 1: something is not.
    """
    from ibconsole.services.connections import Vault
    from ibconsole.services.doctor import check_computer, probe_keyring, read_versions
    from ibconsole.services.runtime import find_paths

    found = check_computer(find_paths(context.data_dir))
    diagnosis = run(probe_keyring(Vault()))
    healthy = diagnosis.healthy and all(one.good for one in found)
    if as_json:
        out.json_line(
            {
                "healthy": healthy,
                "versions": read_versions(),
                "findings": [
                    {"name": one.name, "good": one.good, "sentence": one.sentence} for one in found
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
            out.line(f"{name}: {version}")
        for line in (*map(str, found), *diagnosis.report.splitlines()):
            out.line(line)
    out.say(diagnosis.sentence)
    for one in found:
        if not one.good:
            out.say(f"{one.name}: {one.sentence}")
    return None if healthy else FAILED
