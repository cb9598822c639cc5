"""`ibconsole undo`: what was changed in the setup, and taking it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ibconsole.cli import (
    ExitCode,
    GlobalOptions,
    account_options,
    account_without_secret,
    confirm,
    json_option,
    open_platform,
    out,
    production_option,
    require_permitted,
    resolve_account,
    run,
    yes_option,
)
from ibconsole.cli.setup.planning import stop_between_steps, write_reading, write_steps
from ibconsole.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibconsole.services.connections import Account
    from ibconsole.services.runtime import Paths
    from ibconsole.services.setup.plans import (
        Plan,
        PlanResult,
        PlanReview,
        SetupAct,
    )

_HEADERS = ("ID", "AT", "USER", "STATE", "CHANGE")
_SHOWN_ID = 8  # characters of an ID


@dataclass(frozen=True, slots=True)
class _Choice:
    """The act to undo, by the beginning of its ID, "" for the newest; and with what consent."""

    act: str
    into_existing: bool
    dry_run: bool
    yes: bool
    as_json: bool


@click.command()
@click.argument("act", metavar="[ID]", default="")
@click.option("--list", "listed", is_flag=True, help="List the changes, the newest first.")
@click.option("--dry-run", is_flag=True, help="Write what would be done, and change nothing.")
@click.option(
    "--into-existing",
    is_flag=True,
    help="Put deleted actions into a configuration that others created since.",
)
@account_options
@production_option
@yes_option
@json_option
@click.pass_obj
def undo(options: GlobalOptions, /, act: str, listed: bool, as_json: bool, **consent: bool) -> None:
    """Undo the last change of the setup, or the change with this ID.

    What was deleted is created again, with new keys; what was created is deleted. What others
    changed meanwhile stays as it is. An undo is a change with an ID as well: undoing that does the
    change again. After an interruption, undo the same change again for what is left.
    """
    if listed:
        if act:
            raise click.UsageError("Give an ID, or --list, but not both.")
        _write_acts(run(_acts(options)), as_json=as_json)
        return
    _undo(options, _Choice(act=act, as_json=as_json, **consent))


def _undo(options: GlobalOptions, choice: _Choice) -> None:
    from ibconsole.api import CallKind
    from ibconsole.services.setup.plans import PlanReview, plan_text

    if not choice.dry_run:
        run(require_permitted(options, CallKind.CHANGE))
    account, plan = run(_build(options, choice))
    review = PlanReview(plan)
    if not choice.as_json:
        for line in plan_text(review, account.name).splitlines():
            out.write_line(line)
    if choice.dry_run:
        if choice.as_json:
            out.write_json(_plan_object(review))
        return
    confirm(f"{plan.title}, in {account.name}?", yes=choice.yes)
    _report(review, run(_carry_out(options, account, plan)), as_json=choice.as_json)


def _report(review: "PlanReview", result: "PlanResult", *, as_json: bool) -> None:
    """Write what was done, and end the command with an exit code for what was not."""
    if as_json:
        out.write_json(_plan_object(review, result))
    out.write_notice(result.sentence)
    if result.error:
        raise click.exceptions.Exit(ExitCode.FAILED)
    if result.left:
        raise click.exceptions.Exit(ExitCode.INTERRUPTED)


async def _acts(options: GlobalOptions) -> "Sequence[SetupAct]":
    from ibconsole.services.setup.plans import read_setup_acts

    account = await account_without_secret(options)
    return await read_setup_acts(_paths(options).archive, account.connection)


async def _build(options: GlobalOptions, choice: _Choice) -> "tuple[Account, Plan]":
    from ibconsole.services.setup.plans import Undo, UndoConflict

    account = await resolve_account(options)
    async with open_platform(options, account) as setup:
        undo = Undo(account, setup, _paths(options))
        try:
            plan = await undo.build(
                choice.act, into_existing=choice.into_existing, on_progress=write_reading()
            )
        except UndoConflict as conflict:
            if conflict.can_be_put:
                raise UserError(f"{conflict} To put it there, add --into-existing.") from conflict
            raise
    return account, plan


async def _carry_out(options: GlobalOptions, account: "Account", plan: "Plan") -> "PlanResult":
    from ibconsole.services.setup.plans import PlanRunner

    async with open_platform(options, account) as setup:
        runner = PlanRunner(account, setup, _paths(options))
        with stop_between_steps() as is_stopped:
            return await runner.run(plan, write_steps(plan), is_stopped)


def _paths(options: GlobalOptions) -> "Paths":
    from ibconsole.services.runtime import find_paths

    return find_paths(options.data_dir)


def _write_acts(acts: "Sequence[SetupAct]", *, as_json: bool) -> None:
    from ibconsole.services.messages import iso_time

    if as_json:
        out.write_json([_act_object(act) for act in acts])
        return
    out.write_table(
        _HEADERS,
        (
            (act.id[:_SHOWN_ID], iso_time(act.at), act.user, act.state.value, act.what)
            for act in acts
        ),
    )


def _act_object(act: "SetupAct") -> Mapping[str, Any]:
    from ibconsole.services.messages import iso_time

    return {
        "id": act.id,
        "at": iso_time(act.at),
        "user": act.user,
        "place": act.place,
        "what": act.what,
        "state": act.state.value,
        "canBeUndone": act.can_be_undone,
        "reason": act.stated,
        "undoes": act.undoes or None,
    }


def _plan_object(review: "PlanReview", result: "PlanResult | None" = None) -> Mapping[str, Any]:
    """Return a plan, and what came of it, as JSON; codes are left out and URLs are redacted."""
    from ibconsole.services.request_log import redact_url

    plan = review.plan
    progress = {one.number: one for one in result.progress} if result else {}
    steps = [
        {
            "number": step.number,
            "application": step.application,
            "what": step.what,
            "goesTo": redact_url(step.goes_to),
            "callbackData": step.callback_data,
            "state": progress[step.number].state.value if progress else "planned",
            "key": progress[step.number].key if progress else "",
            "problem": progress[step.number].problem if progress else "",
        }
        for step in review.steps
    ]
    return {
        "plan": plan.id,
        "title": plan.title,
        "undoes": plan.undoes,
        "state": result.state.value if result else "planned",
        "steps": steps,
        "notes": list(plan.notes),
    }
