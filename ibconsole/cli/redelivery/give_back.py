"""`ibconsole give-back`: what a URL is missing of an application's messages, delivered with proof.

Without a subcommand it gives back; the others list, show, resume and decide about redeliveries.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from ibconsole.cli import (
    ExitCode,
    GlobalOptions,
    account_options,
    confirm,
    json_option,
    out,
    production_option,
    run,
    saved_connections,
    yes_option,
)
from ibconsole.cli.redelivery.running import (
    OpenedRedeliveries,
    checked_law,
    code_of,
    open_redeliveries,
    run_job,
    team_explained,
    without_team_option,
)
from ibconsole.cli.redelivery.stored_jobs import (
    cancel_job,
    decide_items,
    list_jobs,
    resume_job,
    show_job,
)
from ibconsole.pasted import clean_pasted
from ibconsole.plural import counted

if TYPE_CHECKING:
    from ibconsole.services.connections import TeamAccess
    from ibconsole.services.give_back import GiveBackPlan, GiveBackRequest


@click.group("give-back", invoke_without_command=True)
@click.option(
    "--application",
    metavar="CODE",
    help="The application whose messages are given back; a masked code will do.",
)
@click.option(
    "--since", metavar="WHEN", help="Messages that arrived then or later: 2026-11-01, or 7d (ago)."
)
@click.option("--until", metavar="WHEN", help="Messages that arrived before. Without it, all.")
@click.option(
    "--via", type=click.Choice(["pull", "forward"]), help="Only messages received in this way."
)
@click.option("--to", "url", metavar="URL", help="The customer's own URL, which gets them.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent; send nothing.")
@click.option(
    "--law",
    metavar="LAW",
    default="published",
    show_default=True,
    help=(
        "When a failed attempt is repeated: published (1 min + 1 min * n², 20 retries; assumed),"
        " none, delays such as '10s, 1m, 5m', or a formula such as '1m + 1m * n^2, 20 retries'."
    ),
)
@click.option(
    "--rate",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    help="Requests a second at most; 0 for no limit.",
)
@click.option(
    "--parallel",
    type=click.IntRange(min=1),
    default=4,
    show_default=True,
    help="Requests under way at once.",
)
@click.option(
    "--batch",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Messages in one request.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=20.0,
    show_default=True,
    metavar="SECONDS",
    help="The time limit of a request.",
)
@click.option("--stop-on-failure", is_flag=True, help="Pause at the first failure.")
@without_team_option
@click.option(
    "--take-over",
    is_flag=True,
    help="Send what other computers of the team have claimed until now, too. They must not run.",
)
@account_options
@production_option
@json_option
@yes_option
@click.pass_context
def give_back(context: click.Context, /, **chosen: object) -> int | None:
    """Deliver what URL is missing: the stored messages minus those that it acknowledged.

    Each delivery is recorded in a ledger before it is sent. A failed attempt is repeated by the
    retry law; a message whose answer never came is unknown, and is not sent again without a
    decision. What another computer of a team has given, or has claimed, is left out. Ctrl+C pauses,
    and any interruption can be resumed. Exit code 0: all are acknowledged. 1: some are not, or need
    a decision. 130: paused.
    """
    if context.invoked_subcommand is not None:
        return None
    options = context.ensure_object(GlobalOptions)
    for name in ("application", "since", "url"):
        if not chosen[name]:
            flag = "--to" if name == "url" else f"--{name}"
            raise click.UsageError(f"{flag} is missing. See `ibconsole give-back --help`.")
    request = _request(options, chosen)
    if request.take_over and not request.with_team:
        raise click.UsageError("--take-over needs the team's archive: leave out --without-team.")
    as_json = bool(chosen["as_json"])
    plan = run(_plan(options, request))
    dry_run = bool(chosen["dry_run"])
    _write_plan(request, plan, as_json=as_json and dry_run, is_answer=dry_run)
    if dry_run or not plan.counts.missing:
        if as_json and not dry_run:
            out.write_json(_plan_object(request, plan))
        return ExitCode.FAILED if plan.counts.unknown and not dry_run else None
    # The question is asked outside of the event loop, in which Ctrl+C would not end it.
    question = f"Send {counted(plan.counts.missing, 'message')} to {request.sending.url}?"
    confirm(question, yes=bool(chosen["yes"]))
    request = _as_seen(request, plan)
    return run(_create_and_run(options, request, plan, as_json=as_json))


for command in (list_jobs, show_job, resume_job, decide_items, cancel_job):
    give_back.add_command(command)


def _request(options: GlobalOptions, chosen: dict[str, object]) -> "GiveBackRequest":
    from msgspec.structs import replace

    from ibconsole.services.give_back import GiveBackRequest, default_sending
    from ibconsole.services.messages import Via
    from ibconsole.services.runtime import parse_time

    until, via = chosen["until"], chosen["via"]
    sending = replace(
        default_sending(clean_pasted(str(chosen["url"]))),
        law=checked_law(str(chosen["law"])),
        rate=float(str(chosen["rate"])),
        parallelism=int(str(chosen["parallel"])),
        batch_size=int(str(chosen["batch"])),
        timeout=float(str(chosen["timeout"])),
        stop_on_failure=bool(chosen["stop_on_failure"]),
    )
    return GiveBackRequest(
        application=code_of(options, str(chosen["application"])),
        sending=sending,
        since=parse_time(str(chosen["since"])),
        until=parse_time(str(until)) if until else None,
        via=Via(str(via)) if via else None,
        with_team=not chosen["without_team"],
        take_over=bool(chosen["take_over"]),
    )


def _as_seen(request: "GiveBackRequest", plan: "GiveBackPlan") -> "GiveBackRequest":
    """Return a request that takes over no claim which is newer than the plan."""
    from msgspec.structs import replace

    return replace(request, seen_at=plan.team.seen_at) if plan.team else request


async def _team_of(
    options: GlobalOptions, opened: OpenedRedeliveries, request: "GiveBackRequest"
) -> "TeamAccess | None":
    from ibconsole.services.give_back import GiveBackTeams

    teams = GiveBackTeams(saved_connections(options), opened.archive)
    account = opened.account
    return await teams.of_messages(request, account.connection if account else "")


async def _plan(options: GlobalOptions, request: "GiveBackRequest") -> "GiveBackPlan":
    from ibconsole.services.give_back import plan_give_back
    from ibconsole.services.messages import run_in_worker

    url = request.sending.url
    async with open_redeliveries(options, url) as opened:
        team = await _team_of(options, opened, request)
        with team_explained():
            plan = await run_in_worker(
                lambda report: plan_give_back(opened.archive, request, report, team),
                out.ProgressWriter(),
            )
    async with open_redeliveries(options, url, plan.counts.connections):
        return plan  # the accounts of the messages permit it


def _write_plan(
    request: "GiveBackRequest", plan: "GiveBackPlan", *, as_json: bool, is_answer: bool
) -> None:
    from ibconsole.services.give_back import plan_lines

    if as_json:
        out.write_json(_plan_object(request, plan))
        return
    write: Callable[[str], None] = out.write_line if is_answer else out.write_notice
    for line in plan_lines(request, plan):
        write(line)
    if is_answer:
        out.write_notice("Nothing was sent.")


def _plan_object(request: "GiveBackRequest", plan: "GiveBackPlan") -> object:
    from ibconsole.services.give_back import plan_object

    return plan_object(request, plan)


async def _create_and_run(
    options: GlobalOptions, request: "GiveBackRequest", plan: "GiveBackPlan", *, as_json: bool
) -> int | None:
    from msgspec.structs import replace

    from ibconsole.services.give_back import create_give_back
    from ibconsole.services.messages import run_in_worker

    owners = plan.counts.connections
    async with open_redeliveries(options, request.sending.url, owners) as opened:
        if opened.account:
            sending = replace(request.sending, connection=opened.account.connection)
            request = replace(request, sending=sending)
        team = await _team_of(options, opened, request)
        with team_explained():
            job = await run_in_worker(
                lambda report: create_give_back(opened.archive, request, report, team),
                out.ProgressWriter(),
            )
        return await run_job(opened, job, team, as_json=as_json)
