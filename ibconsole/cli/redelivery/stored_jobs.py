"""The redeliveries that are stored: listed, shown, resumed, cancelled, and decided about."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ibconsole.cli import (
    GlobalOptions,
    account_options,
    confirm,
    data_dir_option,
    json_option,
    out,
    production_option,
    run,
    yes_option,
)
from ibconsole.cli.redelivery.running import (
    ITEM_STATES,
    open_ledger,
    open_redeliveries,
    run_job,
    settle,
    team_of_job,
    without_team_option,
)
from ibconsole.plural import counted

if TYPE_CHECKING:
    from ibconsole.services.redelivery import Decision, ItemCounts, ItemState

_HEADERS = ("ID", "MADE", "KIND", "STATE", "MESSAGES", "ACKNOWLEDGED", "OPEN", "UNKNOWN", "URL")
_ITEM_HEADERS = ("ITEM", "MESSAGE", "MESSAGEID", "STATE", "ATTEMPTS", "STATUS", "PROBLEM")
_LISTED = 200  # items


@click.command("list")
@data_dir_option
@json_option
@click.pass_obj
def list_jobs(options: GlobalOptions, as_json: bool) -> None:
    """List the redeliveries, newest first: resent messages as well."""
    from ibconsole.services.give_back import job_object

    rows = []
    with open_ledger(options) as ledger:
        before = None
        while True:
            page = ledger.jobs(before)
            rows += [job_object(job, ledger.counts(job.id)) for job in page.jobs]
            before = page.rest
            if before is None:
                break
    if as_json:
        out.write_json(rows)
        return
    out.write_table(
        _HEADERS,
        (
            (
                str(row["redelivery"]),
                row["madeAt"],
                row["kind"],
                row["state"],
                str(row["messages"]),
                str(row["counts"]["acknowledged"]),
                str(row["counts"]["waiting"] + row["counts"]["sending"]),
                str(row["counts"]["unknown"]),
                out.shown_codes().text(row["url"]),
            )
            for row in rows
        ),
    )


@click.command("show")
@click.argument("job", type=int)
@click.option(
    "--state", type=click.Choice(ITEM_STATES), help="List only the messages in this state."
)
@click.option("--item", type=int, help="Show the ledger of this item, and the answers to it.")
@data_dir_option
@json_option
@click.pass_obj
def show_job(
    options: GlobalOptions, job: int, state: str | None, item: int | None, as_json: bool
) -> None:
    """Show the redelivery JOB: its messages with their states, or the ledger of one of them.

    With --json the first line is the redelivery, and each further one a message.
    """
    from ibconsole.services.give_back import item_object, job_lines, job_object
    from ibconsole.services.redelivery import ItemState

    with open_ledger(options) as ledger:
        found = ledger.job(job)
        if found is None:
            raise click.UsageError(f"There is no redelivery {job}. `give-back list` lists them.")
        if item is not None:
            _show_item(options, job, item)
            return
        counts = ledger.counts(job)
        wanted = ItemState(state) if state else None
        if as_json:
            out.write_json(job_object(found, counts))
            after: int | None = 0
            while after is not None:
                page = ledger.items(job, wanted, after)
                for one in page.items:
                    out.write_json(item_object(one))
                after = page.rest
            return
        for line in job_lines(found, counts):
            out.write_line(line)
        page = ledger.items(job, wanted, size=_LISTED)
    out.write_table(
        _ITEM_HEADERS,
        (
            (
                str(one.id),
                str(one.message),
                one.message_id,
                one.state.value,
                str(one.attempts),
                "" if one.status is None else str(one.status),
                one.problem,
            )
            for one in page.items
        ),
    )
    if page.rest is not None:
        out.write_notice(f"These are the first {_LISTED}; --json lists all.")


def _show_item(options: GlobalOptions, job: int, item: int) -> None:
    from ibconsole.services.give_back import item_object

    with open_ledger(options) as ledger:
        chain = ledger.chain(item)
        if chain is None or chain[0].job != job:
            raise click.UsageError(f"There is no item {item} in redelivery {job}.")
        found = item_object(*chain, ledger.answers(item))
    out.write_json(found)


@click.command("resume")
@click.argument("job", type=int)
@click.option("--resend-unknown", is_flag=True, help="Send unknown ones again; see `decide`.")
@click.option("--accept-unknown", is_flag=True, help="Count unknown ones as delivered.")
@without_team_option
@account_options
@production_option
@json_option
@click.pass_obj
def resume_job(options: GlobalOptions, /, job: int, **chosen: bool) -> int | None:
    """Go on with the redelivery JOB, paused or interrupted at any point.

    What was acknowledged is not sent again. What was being sent when the program was killed is
    unknown: it needs a decision.
    """
    decisions = chosen["resend_unknown"], chosen["accept_unknown"]
    if all(decisions):
        raise click.UsageError("Unknown ones are resent or accepted: give one of the options.")
    with_team, as_json = not chosen["without_team"], chosen["as_json"]
    return run(_resume(options, job, decisions, with_team=with_team, as_json=as_json))


@click.command("decide")
@click.argument("job", type=int)
@click.option("--resend-unknown", is_flag=True, help="Send all unknown ones again.")
@click.option("--accept-unknown", is_flag=True, help="Count all unknown ones as delivered.")
@click.option("--skip-unknown", is_flag=True, help="Send no unknown one again.")
@click.option("--resend-undelivered", is_flag=True, help="Try all undelivered ones again.")
@click.option(
    "--resend", "resend", type=int, multiple=True, metavar="ITEM", help="Send this item again."
)
@click.option(
    "--accept", "accept", type=int, multiple=True, metavar="ITEM", help="Count it as delivered."
)
@click.option("--skip", "skip", type=int, multiple=True, metavar="ITEM", help="Do not send it.")
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept in the ledger.")
@data_dir_option
@json_option
@click.pass_obj
def decide_items(options: GlobalOptions, /, job: int, **chosen: object) -> None:
    """Decide about messages of the redelivery JOB whose answer never came, or that failed.

    A decision is recorded in the ledger with its user and reason; nothing is sent by it. An item
    that is to be sent again is sent by `resume`.
    """
    from ibconsole.services.redelivery import Decision, ItemState

    unknown, undelivered = ItemState.UNKNOWN, ItemState.UNDELIVERED
    groups = [
        (decision, state)
        for flag, decision, state in (
            ("resend_unknown", Decision.RESEND, unknown),
            ("accept_unknown", Decision.ACCEPT, unknown),
            ("skip_unknown", Decision.SKIP, unknown),
            ("resend_undelivered", Decision.RESEND, undelivered),
        )
        if chosen[flag]
    ]
    single = [
        (decision, item)
        for flag, decision in (
            ("resend", Decision.RESEND),
            ("accept", Decision.ACCEPT),
            ("skip", Decision.SKIP),
        )
        for item in _numbers(chosen[flag])
    ]
    if not groups and not single:
        raise click.UsageError("Say what to decide: --resend-unknown, --accept ITEM, …")
    if len({state for _, state in groups}) < len(groups):
        raise click.UsageError("There is one decision about the unknown ones: give one option.")
    changed = run(_decide(options, job, groups, single, reason=str(chosen["reason"])))
    if chosen["as_json"]:
        out.write_json({"redelivery": job, "changed": changed})
    out.write_notice(
        f"{counted(changed, 'message')} decided. `ibconsole give-back resume {job}` sends what is"
        " to be sent."
    )


@click.command("cancel")
@click.argument("job", type=int)
@data_dir_option
@yes_option
@click.pass_obj
def cancel_job(options: GlobalOptions, job: int, yes: bool) -> None:
    """Cancel the redelivery JOB: what waits is skipped for good.

    What was sent, or may have been, stays as it is. One that runs is cancelled where it runs.
    """
    confirm(f"Cancel redelivery {job}? What waits is not sent by it any more.", yes=yes)
    skipped = counted(run(_cancel(options, job)).skipped, "message")
    out.write_notice(f"Redelivery {job} is cancelled: {skipped} skipped.")


async def _cancel(options: GlobalOptions, job: int) -> "ItemCounts":
    async with open_redeliveries(options) as opened:
        await opened.redeliveries.cancel(job)
        await settle(opened.archive, job, await team_of_job(options, opened, job))
    with open_ledger(options) as ledger:
        return ledger.counts(job)


def _require_item(options: GlobalOptions, job: int, item: int) -> None:
    with open_ledger(options) as ledger:
        found = ledger.item(item)
    if found is None or found.job != job:
        raise click.UsageError(f"There is no item {item} in redelivery {job}.")


def _numbers(value: object) -> Sequence[int]:
    return value if isinstance(value, tuple) else ()


async def _resume(
    options: GlobalOptions,
    job: int,
    decisions: tuple[bool, bool],
    *,
    with_team: bool,
    as_json: bool,
) -> int | None:
    from ibconsole.services.redelivery import Decision, ItemState

    with open_ledger(options) as ledger:
        found = ledger.job(job)
    if found is None:
        raise click.UsageError(f"There is no redelivery {job}. `give-back list` lists them.")
    async with open_redeliveries(options) as opened:
        owners = {found.connection, *await opened.redeliveries.owners_of_job(job)}
    async with open_redeliveries(options, found.url, owners) as opened:
        for wanted, decision in zip(decisions, (Decision.RESEND, Decision.ACCEPT), strict=True):
            if wanted:
                await opened.redeliveries.decide_all(job, decision, ItemState.UNKNOWN)
        team = await team_of_job(options, opened, job) if with_team else None
        return await run_job(opened, job, team, as_json=as_json)


async def _decide(
    options: GlobalOptions,
    job: int,
    groups: "Sequence[tuple[Decision, ItemState]]",
    single: "Sequence[tuple[Decision, int]]",
    *,
    reason: str,
) -> int:
    async with open_redeliveries(options) as opened:
        await opened.redeliveries.job(job)
        changed = 0
        for decision, state in groups:
            changed += await opened.redeliveries.decide_all(job, decision, state, reason)
        for decision, item in single:
            _require_item(options, job, item)
            changed += await opened.redeliveries.decide(decision, [item], reason)
        return changed
