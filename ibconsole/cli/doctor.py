"""`ibconsole doctor`: checks of everything that the program depends on."""

import click

from ibconsole.cli import out
from ibconsole.cli.options import GlobalOptions, data_dir_option, json_option
from ibconsole.cli.running import ExitCode, run


@click.command()
@data_dir_option
@json_option
@click.pass_obj
def doctor(options: GlobalOptions, as_json: bool) -> int | None:
    """Check what the program depends on, and say what to do about each problem.

    Checks versions, directories, the window system, certificates, proxies, the archive, and the
    system's keyring, by writing, reading and deleting a test entry. Uses no network.

    Exit code 0: there is no problem. 1: there is a problem.
    """
    from ibconsole.services.connections import Vault
    from ibconsole.services.doctor import check_computer, probe_keyring, read_versions
    from ibconsole.services.runtime import find_paths

    findings = check_computer(find_paths(options.data_dir))
    diagnosis = run(probe_keyring(Vault()))
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
