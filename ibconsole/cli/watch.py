"""`ibconsole watch`: alarms about an application or a whole connection, until stopped."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import click

from ibconsole.cli import out
from ibconsole.cli.options import (
    API_KEY_VARIABLE,
    GlobalOptions,
    account_options,
    json_option,
)
from ibconsole.cli.running import (
    ExitCode,
    gate_of,
    require_account,
    resolve_account,
    run,
    saved_connections,
    unsaved_account,
)
from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule

if TYPE_CHECKING:
    import asyncio

    from ibconsole.services.connections import Account
    from ibconsole.services.diagnosis import Facts
    from ibconsole.services.watch import AlarmCommand, AlarmEvent, Watcher, WatchPlan
else:
    asyncio = LazyModule("asyncio")

_KINDS = ("silence", "error", "certificate", "pending", "source")


@dataclass(frozen=True, slots=True)
class _Options:
    """The choices of the user."""

    app: str
    minutes: int | None
    kinds: tuple[str, ...]
    command: str
    as_json: bool
    once: bool
    probes: bool
    reveal: bool
    interval: float


@click.command()
@click.argument("app", required=False, default="")
@click.option(
    "--all", "everything", is_flag=True, help="The whole connection, which is the default."
)
@click.option(
    "--minutes",
    type=click.IntRange(min=1, max=1_000_000),
    metavar="N",
    help="Alarm after N minutes without a message (default: by the rhythm of the archive).",
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(_KINDS),
    help="Watch this alone; may be repeated (default: everything).",
)
@click.option(
    "--exec",
    "command",
    metavar="COMMAND",
    default="",
    help="Run COMMAND for each alarm, without a shell: the alarm is JSON on stdin, and in"
    " variables IBCONSOLE_ALARM_*.",
)
@click.option("--once", is_flag=True, help="Look once, and end; for cron.")
@click.option(
    "--no-probes",
    is_flag=True,
    help="Read what is stored alone: neither the setup nor certificates.",
)
@click.option("--reveal-codes", is_flag=True, help="Write application codes in full.")
@click.option(
    "--interval",
    type=click.FloatRange(min=0.1, max=3600.0),
    default=30.0,
    show_default=True,
    help="Seconds between two looks.",
)
@account_options
@json_option
@click.pass_obj
def watch(
    options: GlobalOptions,
    app: str,
    everything: bool,
    minutes: int | None,
    kinds: tuple[str, ...],
    command: str,
    once: bool,
    no_probes: bool,
    reveal_codes: bool,
    interval: float,
    as_json: bool,
) -> int | None:
    """Watch APP, a code or a name, or a whole connection; write a line when trouble begins or ends.

    Trouble is: no message while some used to come at this time; a forward that the listener
    answered with an error; a certificate of a forward URL that ends within 21 days; a growing
    number of waiting messages; pulls that fail or have stopped, or an archive that cannot be
    written. Nothing is pulled: the archive is read, which a window or other commands fill, and
    the record of the team if the connection names one. While that is away, no silence is judged.

    Once a day the setup is read, and the hosts of the forward URLs are connected to, without a
    request.

    Exit code with --once: 0: no trouble. 1: there is some, or it failed.
    """
    if app and everything:
        raise click.UsageError("Name one application, or ask for all.")
    if reveal_codes:
        out.shown_codes().require("Writing application codes in full")
    require_account(options)
    chosen = _Options(
        app=app,
        minutes=minutes,
        kinds=kinds or _KINDS,
        command=command,
        as_json=as_json,
        once=once,
        probes=not no_probes,
        reveal=reveal_codes,
        interval=interval,
    )
    return run(_watch(options, chosen))


async def _watch(options: GlobalOptions, chosen: _Options) -> int | None:
    from ibconsole.services.watch import AlarmCommand

    command = None
    if chosen.command:
        withheld = (API_KEY_VARIABLE,)
        command = AlarmCommand(chosen.command, out.write_notice, withheld=withheld)
    with out.watch_reader(_report_failure):
        watcher = await _create(options, chosen, command)
        if chosen.once:
            return await _look_once(watcher, command)
        out.write_notice("Watching. Press Ctrl+C to stop.")
        await _until_stopped(watcher, command)
    return None


async def _create(
    options: GlobalOptions, chosen: _Options, command: "AlarmCommand | None"
) -> "Watcher":
    from ibconsole.clock import elapsed_ms, now_ms
    from ibconsole.files import is_missing
    from ibconsole.services.runtime import find_paths
    from ibconsole.services.watch import (
        AlarmReport,
        CertificateCheck,
        Watcher,
        WatchInputs,
        WatchOutputs,
    )

    account = await _open_account(options) if chosen.probes else None
    plan, name = await _plan(options, chosen, account)
    archive = find_paths(options.data_dir).archive
    if is_missing(archive):
        out.write_notice("There is no archive yet: nothing was received on this computer.")

    def show(event: "AlarmEvent") -> None:
        # The policy may have come meanwhile.
        report = AlarmReport(event, name, reveal=chosen.reveal and not out.shown_codes().masked)
        if chosen.as_json:
            out.write_json(report.fields)
        else:
            out.write_line(_line(event, report.fields["number"]))
        if command:
            command.put(report)

    team = await saved_connections(options).team_access(plan.connection)
    check = CertificateCheck(_collect(options, account, plan.application)) if account else None
    return Watcher(
        archive,
        [plan],
        WatchInputs(certificates=check, at_once=chosen.once, team=lambda: team),
        WatchOutputs(show, _report_restart, _report_away),
        # Other processes may have received messages since this computer was started.
        since=now_ms() - elapsed_ms(),
        interval=chosen.interval,
    )


async def _open_account(options: GlobalOptions) -> "Account | None":
    """Return the account for what is read of the platform; None if its secret is not there."""
    try:
        return await resolve_account(options)
    except UserError as error:
        out.write_notice(f"{error} Certificates are not watched; everything else is.")
        return None


async def _plan(
    options: GlobalOptions, chosen: _Options, account: "Account | None"
) -> "tuple[WatchPlan, str]":
    """Return what is watched, and the name of the connection."""
    from ibconsole.services.diagnosis import look_up_application
    from ibconsole.services.runtime import AlarmKind
    from ibconsole.services.watch import WatchPlan
    from ibconsole.text import mask_code

    if options.base_url:
        known = account or unsaved_account(options)
        connection, name = known.connection, known.name
    else:
        saved = await saved_connections(options).find(options.connection)
        connection, name = saved.id, saved.name
    code, title = chosen.app, name
    if chosen.app:
        title = mask_code(chosen.app)
        if account:
            found = await look_up_application(account, chosen.app, gate_of(options, account))
            code, title = found.code, found.name or mask_code(found.code)
    kinds = {AlarmKind(one) for one in chosen.kinds}
    return WatchPlan(connection, code, title, kinds, chosen.minutes), name


def _collect(
    options: GlobalOptions, account: "Account", application: str
) -> "Callable[[], Awaitable[Facts | None]]":
    """Return a way to read the setup and to look at its endpoints, without any request to them."""
    from ibconsole.services.diagnosis import (
        AccountToDiagnose,
        DiagnosisOptions,
        Surroundings,
        diagnose_account,
        probe,
        to_connection,
    )
    from ibconsole.services.runtime import find_paths

    async def collect() -> "Facts":
        surroundings = Surroundings(find_paths(options.data_dir).archive, lambda _: None)
        chosen = DiagnosisOptions(
            lambda account: gate_of(options, account), application=application, look=probe
        )
        target = AccountToDiagnose(to_connection(account), account)
        return (await diagnose_account(target, surroundings, chosen)).facts

    return collect


async def _look_once(watcher: "Watcher", command: "AlarmCommand | None") -> int | None:
    await watcher.look_at_certificates()
    if watcher.certificate_problem:
        out.write_notice(f"The certificates were not looked at. {watcher.certificate_problem}")
    await watcher.check()
    if command:
        await command.run_waiting()
    if not watcher.alarms:
        known = " that is known on this computer" if watcher.away else ""
        out.write_notice(f"There is no trouble{known}.")
        return None
    return ExitCode.FAILED


async def _until_stopped(watcher: "Watcher", command: "AlarmCommand | None") -> None:
    """Watch until a signal arrives; a command that runs then is ended."""
    from ibconsole.tasks import Tasks

    tasks = Tasks(lambda name, error: out.write_notice(f"{name}: {error}"))
    if command:
        tasks.start("command", command.run)
    try:
        await watcher.run()
    except asyncio.CancelledError:
        out.write_notice("Stopped.")
    finally:
        await tasks.close()


def _report_failure(error: OSError) -> None:
    out.write_notice(f"Alarms are not shown any more, and watching goes on: {error.strerror}.")


def _report_restart() -> None:
    out.write_notice(
        "The computer was suspended, or its clock was set: silences are counted from now on."
    )


def _report_away(problem: str) -> None:
    out.write_notice(
        f"{problem} Until it is back, what this computer has stored is watched, and no silence is"
        " judged."
        if problem
        else "The team's archive is back: everything is watched again."
    )


def _line(event: "AlarmEvent", number: str) -> str:
    at, since = (
        datetime.fromtimestamp(ms / 1000).astimezone().isoformat(" ", "seconds")
        for ms in (event.at, event.alarm.since)
    )
    return f"{at}  {event.state:7}  {event.alarm.sentence} [{number}, since {since}]"
