"""`ibconsole diagnose`: why does nothing arrive? Numbered findings about one account or all."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import click

from ibconsole.cli import out
from ibconsole.cli.options import (
    GlobalOptions,
    account_options,
    confirm,
    production_option,
    yes_option,
)
from ibconsole.cli.records import local_option
from ibconsole.cli.running import (
    ExitCode,
    gate_of,
    open_console,
    protection_of,
    read_surroundings,
    require_account,
    resolve_account,
    run,
    saved_connections,
)
from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.plural import counted
from ibconsole.text import mask_code

if TYPE_CHECKING:
    import asyncio

    from ibconsole.services.diagnosis import (
        AccountToDiagnose,
        Diagnosed,
        Evidence,
        Look,
    )
else:
    asyncio = LazyModule("asyncio")

_LEVELS = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class _Choices:
    """The choices of the user: what to diagnose, and how to look at endpoints."""

    app: str
    all_connections: bool
    probes: bool
    send_tests: bool
    local: bool


@click.command()
@click.argument("app", required=False, default="")
@click.option("--all", "everything", is_flag=True, help="All applications, which is the default.")
@click.option("--all-connections", is_flag=True, help="All saved connections, in one table.")
@click.option("--json", "form", flag_value="json", help="Write the result to stdout as JSON.")
@click.option("--sarif", "form", flag_value="sarif", help="Write it as SARIF 2.1.0.")
@click.option("--markdown", "form", flag_value="markdown", help="Write it as Markdown.")
@click.option(
    "--support",
    "form",
    flag_value="support",
    help="Write what Infobip's support asks for: findings, masked codes, times in UTC.",
)
@click.option("--no-probes", is_flag=True, help="Do not connect to the hosts of the forward URLs.")
@click.option(
    "--send-tests",
    is_flag=True,
    help="Post the documented sample message to each forward URL, once, after a question.",
)
@click.option(
    "--fail-on",
    type=click.Choice([*_LEVELS, "never"]),
    default="error",
    show_default=True,
    help="End with exit code 1 if there is such a finding, or a worse one.",
)
@click.option(
    "--reveal-codes",
    is_flag=True,
    help="Write application codes and the paths of URLs in full; both are secrets.",
)
@local_option
@click.option("--explain", metavar="NUMBER", default="", help="Explain a number: IBC-1001.")
@account_options
@production_option
@yes_option
@click.pass_obj
def diagnose(
    options: GlobalOptions,
    app: str,
    everything: bool,
    all_connections: bool,
    form: str | None,
    no_probes: bool,
    send_tests: bool,
    fail_on: str,
    reveal_codes: bool,
    explain: str,
    local: bool,
    yes: bool,
) -> int | None:
    """Find out why nothing arrives: from APP, a code or a name, or from all applications.

    Reads the setup, what the archive or that of the connection's team has, and the last recorded
    test of each forward URL. Looks up the host of each URL, and connects to it, without a request.
    Nothing is pulled or changed.

    Exit code 0: there is no finding of the level of --fail-on. 1: there is one, or it failed.
    """
    if explain:
        _explain(explain)
        return None
    if app and (everything or all_connections):
        raise click.UsageError("Name one application, or ask for all.")
    if all_connections and (options.connection or options.base_url):
        raise click.UsageError("Name one connection, or ask for all.")
    if reveal_codes:
        out.shown_codes().require("Writing application codes in full")
    if send_tests:
        confirm("Post the documented sample message to each forward URL?", yes=yes)
    choices = _Choices(app, all_connections, not no_probes, send_tests, local)
    found = run(_diagnose(options, choices))
    write_findings(found, form, reveal=reveal_codes)
    return ExitCode.FAILED if _fails(found, fail_on) else None


def _explain(name: str) -> None:
    from ibconsole.services.diagnosis import find_definition, page_of

    try:
        definition = find_definition(name)
    except LookupError as error:
        raise click.BadParameter(str(error), param_hint="--explain") from None
    for line in page_of(definition).splitlines():
        out.write_line(line)


async def diagnose_one(
    options: GlobalOptions, app: str, *, probes: bool, local: bool
) -> "Diagnosed":
    """Diagnose the account that the options name, or one application of it; nothing is posted."""
    choices = _Choices(app, all_connections=False, probes=probes, send_tests=False, local=local)
    [found] = await _diagnose(options, choices)
    return found


async def _diagnose(options: GlobalOptions, choices: _Choices) -> "list[Diagnosed]":
    from ibconsole.services.diagnosis import DiagnosisOptions, diagnose_accounts

    if not choices.all_connections:
        require_account(options)
    surroundings, mutes = await read_surroundings(options, local=choices.local)
    targets = (
        await _all_accounts(options) if choices.all_connections else [await _one_account(options)]
    )
    if choices.send_tests:
        _require_tests(options, targets)
    async with _looking(options, choices) as look:
        return await diagnose_accounts(
            targets,
            surroundings,
            DiagnosisOptions(
                gate_of=lambda account: gate_of(options, account),
                application=choices.app,
                look=look,
                posts=choices.send_tests,
                mutes=mutes,
                on_progress=None if choices.all_connections else _Progress(),
            ),
        )


def _require_tests(options: GlobalOptions, targets: "Sequence[AccountToDiagnose]") -> None:
    """Raise NotPermitted if no test may be posted for one of these accounts."""
    from ibconsole.api import CallKind

    for account in (None, *(target.account for target in targets)):
        protection_of(options, account).require(account, CallKind.TEST)


@asynccontextmanager
async def _looking(options: GlobalOptions, choices: _Choices) -> "AsyncIterator[Look | None]":
    """Give the way to look at endpoints; the archive is opened only for tests, to record them."""
    from ibconsole.services.diagnosis import posting_look, probe

    if not choices.send_tests:
        yield probe if choices.probes else None
        return
    async with open_console(options, connect=False) as console:
        yield posting_look(console.writer, console.activity.add)


async def _one_account(options: GlobalOptions) -> "AccountToDiagnose":
    from ibconsole.services.diagnosis import AccountToDiagnose, to_connection

    account = await resolve_account(options)
    return AccountToDiagnose(to_connection(account), account)


async def _all_accounts(options: GlobalOptions) -> "list[AccountToDiagnose]":
    """Return all saved connections, those without a usable secret included."""
    from ibconsole.services.diagnosis import AccountToDiagnose, to_connection
    from ibconsole.services.runtime import ConnectionStatus

    connections = saved_connections(options)
    targets = []
    for one in (await connections.load()).connections:
        try:
            account = await connections.load_account(one.id)
        except UserError as error:
            status = ConnectionStatus(
                name=one.name, base_url=one.base_url, environment=one.environment, id=one.id
            )
            targets.append(AccountToDiagnose(status, problem=error))
        else:
            targets.append(AccountToDiagnose(to_connection(account), account))
    return targets


class _Progress:
    """Writes to a terminal how many applications were read, each tenth once."""

    def __init__(self) -> None:
        self._writer = out.ProgressWriter()

    def __call__(self, done: int, total: int) -> None:
        from ibconsole.services.messages import Progress

        self._writer(Progress("Reading the setup", done, total))


def write_findings(found: "Sequence[Diagnosed]", form: str | None, *, reveal: bool) -> None:
    """Write findings as `json`, `sarif` or `markdown`, else for people."""
    from ibconsole.services.diagnosis import Report

    report = Report([one.diagnosis for one in found], reveal=reveal)
    match form:
        case "json":
            out.write_json(report.as_json())
        case "sarif":
            out.write_json(report.as_sarif())
        case "markdown":
            out.write_bytes(report.as_markdown().encode("utf-8", "replace"))
        case "support":
            _write_support(found, reveal=reveal)
        case _ if len(found) == 1 and found[0].code:
            _write_tree(found[0])
        case _:
            _write_table(found)
    for one in found:
        out.write_notice(_summary(one, named=len(found) > 1))


def _write_support(found: "Sequence[Diagnosed]", *, reveal: bool) -> None:
    """Write the findings that are not muted, for a ticket at Infobip's support."""
    from ibconsole.clock import now_ms
    from ibconsole.services.evidence.support import SupportChoices, finding_of, support_text
    from ibconsole.services.request_log import Redactor

    items = [
        finding_of(finding, one.facts.account.base_url, one.diagnosis.at)
        for one in found
        for finding in one.diagnosis.findings.shown
    ]
    choices = SupportChoices(with_codes=reveal)
    for line in support_text(items, choices, now_ms(), Redactor().redact).splitlines():
        out.write_line(line)


def _write_table(found: "Sequence[Diagnosed]") -> None:
    """Write one table of all findings; the connection only where there are several."""
    several = len(found) > 1
    rows = [
        (
            *((one.diagnosis.name,) if several else ()),
            finding.level,
            finding.name,
            finding.subject.application_name or mask_code(finding.subject.application) or "-",
            finding.sentence + (f" ({finding.subject.url})" if finding.subject.url else ""),
        )
        for one in found
        for finding in one.diagnosis.findings.shown
    ]
    if rows:
        first = ("CONNECTION",) if several else ()
        out.write_table((*first, "SEVERITY", "NUMBER", "APPLICATION", "FINDING"), rows)


def _write_tree(found: "Diagnosed") -> None:
    """Write the four questions about one application, each with its evidence and findings."""
    from ibconsole.services.diagnosis import definition_of, walk

    for step in walk(found.facts, found.diagnosis.findings.shown, found.code):
        out.write_line(f"{step.question} {step.sentence}")
        for one in step.evidence:
            out.write_line(f"    {_seen(one)}")
        for finding in step.findings:
            about = f" ({finding.subject.url})" if finding.subject.url else ""
            out.write_line(f"  {finding.level} {finding.name}: {finding.sentence}{about}")
            for one in finding.evidence:
                out.write_line(f"    {_seen(one)}")
            remedy = finding.remedy or definition_of(finding.number).remedy
            out.write_line(f"    Remedy: {remedy} Confidence: {finding.confidence}.")


def _seen(evidence: "Evidence") -> str:
    parts = [evidence.where] if evidence.where else []
    if evidence.at is not None:
        moment = datetime.fromtimestamp(evidence.at / 1000).astimezone()
        parts.append(moment.isoformat(" ", "seconds"))
    return f"{evidence.sentence} [{', '.join(parts)}]" if parts else evidence.sentence


def _summary(found: "Diagnosed", *, named: bool) -> str:
    diagnosis = found.diagnosis
    levels = [str(finding.level) for finding in diagnosis.findings.shown]
    counts = ", ".join(
        counted(levels.count(level), level) for level in _LEVELS if levels.count(level)
    )
    parts = [f"{counts or 'no findings'}"]
    if diagnosis.findings.muted:
        parts.append(f"{len(diagnosis.findings.muted):,} muted")
    if diagnosis.applications is None:
        parts.append("the applications could not be read")
    else:
        parts.append(f"{counted(diagnosis.applications, 'application')} examined")
    hint = " `ibconsole diagnose --explain NUMBER` explains a number." if levels else ""
    sentence = "; ".join(parts)
    start = f"{diagnosis.name}: {sentence}" if named else sentence[0].upper() + sentence[1:]
    return f"{start}.{'' if named else hint}"


def _fails(found: "Sequence[Diagnosed]", fail_on: str) -> bool:
    from ibconsole.services.diagnosis import Level

    if fail_on == "never":
        return False
    limit = Level(fail_on).rank
    worst = [one.diagnosis.worst for one in found]
    return any(level is not None and level.rank <= limit for level in worst)
