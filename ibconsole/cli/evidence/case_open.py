"""`ibconsole case open`: a case as a window on the customer's account, or its findings again."""

from collections.abc import Sequence
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from ibconsole.cli import ExitCode, GlobalOptions, data_dir_option, out, run
from ibconsole.errors import UserError
from ibconsole.plural import counted

if TYPE_CHECKING:
    from ibconsole.cli import OpenWindow
    from ibconsole.services.evidence.case_runs import CaseFindings, CaseSource


@click.command("open")
@click.argument("case", metavar="CASE")
@click.option("--findings", is_flag=True, help="Write the findings of the case; open no window.")
@click.option("--json", "form", flag_value="json", help="Write the findings to stdout as JSON.")
@click.option("--markdown", "form", flag_value="markdown", help="Write them as Markdown.")
@click.option(
    "--reveal-codes",
    is_flag=True,
    help="Write application codes and the paths of URLs in full; both are secrets.",
)
@data_dir_option
@click.pass_obj
def open_case(
    options: GlobalOptions, case: str, findings: bool, form: str | None, reveal_codes: bool
) -> "OpenWindow | int | None":
    """Open CASE, an id, a title or its beginning, or an exported folder or zip, as a window.

    The window shows the account as it was recorded: its setup, its messages, and endpoints that
    answer as they did. It needs no key, reaches nothing beyond this computer, and writes to a
    directory of its own, which is removed when the window is closed.

    With --findings the rules run over each recording of the case, without a window. Exit code 1:
    what they find is not what was recorded.
    """
    from ibconsole.services.evidence.case_runs import find_case
    from ibconsole.services.runtime import find_paths

    if (form or reveal_codes) and not findings:
        raise click.UsageError("--json, --markdown and --reveal-codes belong to --findings.")
    source = find_case(case, find_paths(options.data_dir).data)
    for problem in source.problems:
        out.write_notice(problem)
    if findings:
        return _write_findings(source, form, reveal=reveal_codes)
    from ibconsole.cli import OpenWindow

    return OpenWindow(data_dir=options.data_dir, read_only=options.read_only, case=source)


def _write_findings(source: "CaseSource", form: str | None, *, reveal: bool) -> int:
    from ibconsole.services.evidence.case_runs import find_again, without_network
    from ibconsole.services.messages import Progress

    if not source.case.recordings:
        raise UserError(
            f"The case “{source.case.title}” has no recorded account, so there is nothing to"
            " diagnose. Pin findings or a setup to it."
        )
    writer = out.ProgressWriter()

    def show(done: int, total: int) -> None:
        writer(Progress("Reading the setup", done, total))

    with TemporaryDirectory(prefix="ibconsole-case-") as folder, without_network():
        found = run(find_again(source.case, folder, show))
    return _report(found, form, reveal=reveal)


def _report(found: "Sequence[CaseFindings]", form: str | None, *, reveal: bool) -> int:
    from ibconsole.cli import write_findings

    write_findings([one.diagnosed for one in found], form, reveal=reveal)
    differences = [sentence for one in found for sentence in one.differences]
    for sentence in differences:
        out.write_notice(sentence)
    if differences:
        return ExitCode.FAILED
    out.write_notice(
        f"Nothing differs from what was recorded: {counted(len(found), 'recording')} read again."
    )
    return ExitCode.DONE
