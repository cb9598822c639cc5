"""Running redeliveries in a terminal: protection, progress, and pausing by a signal."""

from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ibconsole.cli import (
    ExitCode,
    GlobalOptions,
    account_without_secret,
    explain_signals,
    out,
    protection_of,
    saved_connections,
)
from ibconsole.errors import UserError
from ibconsole.plural import counted

if TYPE_CHECKING:
    from ibconsole.services.connections import Account, TeamAccess
    from ibconsole.services.redelivery import (
        LedgerReader,
        Redeliveries,
        RedeliveryProgress,
    )
    from ibconsole.services.retry_law import RetryLaw

F = TypeVar("F", bound=Callable[..., Any])

ITEM_STATES = ("waiting", "sending", "acknowledged", "undelivered", "unknown", "skipped")


def without_team_option(command: F) -> F:
    """Add --without-team to a command."""
    return click.option(
        "--without-team",
        is_flag=True,
        help="Do not ask the team's ledger; others may give back the same messages.",
    )(command)


@contextmanager
def team_explained() -> Iterator[None]:
    """Say how to go on without a team whose ledger could not be asked."""
    try:
        yield
    except UserError as error:
        from ibconsole.services.give_back import TeamNotAsked

        if not isinstance(error, TeamNotAsked):
            raise
        raise UserError(
            f"{error} `--without-team` goes on without it.", details=error.details
        ) from error


class OpenedRedeliveries:
    """The redeliveries of a data directory; `account` is the one whose protection applies."""

    def __init__(self, archive: Path, redeliveries: "Redeliveries", account: "Account | None"):
        self.archive = archive
        self.redeliveries = redeliveries
        self.account = account


@asynccontextmanager
async def open_redeliveries(
    options: GlobalOptions, url: str = "", owners: Collection[str] = ()
) -> AsyncIterator[OpenedRedeliveries]:
    """Open the redeliveries, under the protection of the account that owns the messages.

    That is the named one, or the saved one of `owners` (UUIDs of connections), of several the one
    that --production-ok names; with a `url`, NotPermitted is raised if messages of `owners` may not
    be sent to it. Running jobs are paused at the end.
    """
    from ibconsole.services.audit import Audit
    from ibconsole.services.redelivery import Redeliveries, SendingRules
    from ibconsole.services.request_log import ActivityLog
    from ibconsole.services.runtime import find_paths

    accounts = await _accounts(options, owners)
    account = accounts[0] if accounts else None
    protection, paths = protection_of(options, account), find_paths(options.data_dir)
    rules = SendingRules(protection, lambda: account, paths.settings)
    activity = ActivityLog(masked=lambda: protection.policy().codes.masked)
    redeliveries = Redeliveries(paths.archive, activity, rules, Audit(paths.archive))
    if url:
        await redeliveries.require(url, owners)
    try:
        yield OpenedRedeliveries(paths.archive, redeliveries, account)
    finally:
        await redeliveries.close()


async def _accounts(options: GlobalOptions, owners: Collection[str]) -> "list[Account]":
    """Return the accounts whose protection applies, the one that --production-ok names first."""
    from ibconsole.secret import Secret
    from ibconsole.services.connections import saved_account
    from ibconsole.text import fold

    named = bool(options.connection or options.base_url)
    found = [await account_without_secret(options)] if named else []
    settings = await saved_connections(options).load()
    wanted = sorted(set(owners) - {one.connection for one in found})
    connections = filter(None, map(settings.connection, wanted))
    found += [saved_account(one, Secret("")) for one in connections]
    typed = fold(options.production_name)
    return sorted(found, key=lambda one: fold(one.name) != typed) if typed else found


@contextmanager
def open_ledger(options: GlobalOptions) -> "Iterator[LedgerReader]":
    """Open the ledger of the data directory for reading. Raises ArchiveError."""
    from ibconsole.services.redelivery import LedgerReader
    from ibconsole.services.runtime import find_paths

    with LedgerReader(find_paths(options.data_dir).archive) as ledger:
        yield ledger


def checked_law(text: str) -> "RetryLaw":
    """Return the retry law of an option; raise a usage error for what is none."""
    from ibconsole.services.retry_law import InvalidLaw, read_law

    try:
        return read_law(text)
    except InvalidLaw as error:
        raise click.BadParameter(str(error), param_hint="--law") from error


def code_of(options: GlobalOptions, code: str) -> str:
    """Return the code of an application, which may be given masked. Raises NoSuchCode."""
    from ibconsole.cli import with_code
    from ibconsole.services.messages import Filter, open_reader

    with open_reader(options.data_dir, out.write_notice) as reader:
        return with_code(Filter(application=code), reader).application


async def run_job(
    opened: OpenedRedeliveries, job: int, team: "TeamAccess | None" = None, *, as_json: bool
) -> int | None:
    """Run a job, or go on with it, and write its end; a signal pauses it.

    What it gives back is claimed in the archive of the `team` before, and settled there afterwards.
    Raises click.Abort if it was paused by a signal.
    """
    from ibconsole.services.give_back import job_lines, job_object
    from ibconsole.services.redelivery import LedgerReader, RedeliveryState

    if team:
        await _claim_again(opened, job, team)
    pausing = _Pausing(opened, job)
    with explain_signals(pausing.reason, pausing.stop):
        ended = await opened.redeliveries.run(job, _ProgressLines(job))
    with LedgerReader(opened.archive) as ledger:
        counts = ledger.counts(job)
    if as_json:
        out.write_json(job_object(ended, counts))
    write = out.write_notice if as_json else out.write_line
    for line in job_lines(ended, counts):
        write(line)
    await settle(opened.archive, job, team)
    if pausing.asked and ended.state is RedeliveryState.PAUSED:
        raise click.Abort
    good = counts.acknowledged + counts.skipped == counts.total
    return None if good else ExitCode.FAILED


async def _claim_again(opened: OpenedRedeliveries, job: int, team: "TeamAccess") -> None:
    import asyncio

    from ibconsole.services.give_back import claim_again

    with team_explained():
        lost = await asyncio.to_thread(claim_again, opened.archive, job, team)
    if lost:
        count = counted(lost, "message")
        out.write_notice(f"{count} left to others of the team, who have claimed them.")


async def settle(archive: Path, job: int, team: "TeamAccess | None") -> None:
    """Release in the team's archive what an ended job has not sent; write what has to wait."""
    if team is None:
        return
    import asyncio

    from ibconsole.services.give_back import ClaimsRemain, settle_claims

    try:
        await asyncio.to_thread(settle_claims, archive, job, team)
    except ClaimsRemain as error:
        out.write_notice(str(error))


async def team_of_job(
    options: GlobalOptions, opened: OpenedRedeliveries, job: int
) -> "TeamAccess | None":
    """Return the team in whose archive a job has claimed its messages; None without one."""
    from ibconsole.services.give_back import GiveBackTeams
    from ibconsole.services.redelivery import TeamUse

    found = await opened.redeliveries.job(job)
    if found.options.team is not TeamUse.CLAIMED:
        return None
    teams = GiveBackTeams(saved_connections(options), opened.archive)
    return await teams.of_job(job, found.connection)


class _Pausing:
    """The effect of signals: the first one pauses, the second gives up the requests under way."""

    def __init__(self, opened: OpenedRedeliveries, job: int) -> None:
        self._opened = opened
        self._job = job
        self.asked = False

    def reason(self) -> str:
        if self.asked:
            return ""
        return (
            "Pausing: the requests under way end first; a second Ctrl+C gives them up. What was"
            f" acknowledged is recorded, and `ibconsole give-back resume {self._job}` goes on."
        )

    def stop(self) -> None:
        self.asked = True
        self._opened.redeliveries.pause(self._job)


class _ProgressLines:
    """Writes the progress of a job to stderr: each tenth once, and when it has to wait."""

    def __init__(self, job: int) -> None:
        self._job = job
        self._last: tuple[int, int | None] | None = None

    def __call__(self, progress: "RedeliveryProgress") -> None:
        from ibconsole.services.give_back import progress_line

        counts, due = progress.counts, progress.next_due
        tenth = 10 * (counts.total - counts.open) // max(counts.total, 1)
        waits = due if due and not progress.under_way else None
        if (tenth, waits) != self._last:
            self._last = (tenth, waits)
            out.write_notice(f"Redelivery {self._job}: {progress_line(progress)}")
