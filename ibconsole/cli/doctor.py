"""`ibconsole doctor`: whether this system keeps secrets as it should."""

import click

from ibconsole.cli import out
from ibconsole.cli.options import as_json
from ibconsole.cli.running import run

FAILED = 1


@click.command()
@as_json
def doctor(as_json: bool) -> int | None:
    """Examine the system's keyring with a probe: write it, read it, delete it.

    Exit code 0: secrets can be kept. 1: they cannot; it says what to do.
    """
    from ibconsole.services import Vault, examine

    diagnosis = run(examine(Vault()))
    if as_json:
        out.json_line(
            {
                "healthy": diagnosis.healthy,
                "system": diagnosis.system,
                "keyring": diagnosis.keeper.name if diagnosis.keeper else None,
                "library": diagnosis.keeper.library if diagnosis.keeper else None,
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
        for line in diagnosis.report.splitlines():
            out.line(line)
    out.say(diagnosis.sentence)
    return None if diagnosis.healthy else FAILED
