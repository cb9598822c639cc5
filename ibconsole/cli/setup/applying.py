"""`ibconsole setup diff`, `plan` and `apply`: a file compared with an account, and carried out."""

from dataclasses import replace
from pathlib import Path

import click

from ibconsole.cli import (
    GlobalOptions,
    account_options,
    json_option,
    name_of,
    out,
    production_option,
    run,
    yes_option,
)
from ibconsole.cli.setup.plan_output import (
    difference_json,
    plan_json,
    write_differences,
    write_plan,
)
from ibconsole.cli.setup.planning import (
    CHANGES,
    PlanChoice,
    PlanRequest,
    apply_request,
    make_plan,
)
from ibconsole.cli.setup.rule_options import RuleTexts, rule_options
from ibconsole.cli.setup.setup_file import read_setup, setup

_file_argument = click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
prune_option = click.option(
    "--prune", is_flag=True, help="Delete what the account has and the file has not, too."
)


@setup.command("diff")
@_file_argument
@rule_options
@account_options
@json_option
@click.pass_obj
def diff_setup(options: GlobalOptions, file: Path, rules: RuleTexts, as_json: bool) -> None:
    """Compare FILE with the account: + is missing in the account, - is not in the file.

    Exit code: 0 no difference, 2 differences, 1 an error.
    """
    planned = run(make_plan(options, _request(file, rules))).setup
    if as_json:
        out.write_json(difference_json(planned))
    else:
        write_differences(planned)
    if planned.differs:
        raise click.exceptions.Exit(CHANGES)


@setup.command("plan")
@_file_argument
@prune_option
@rule_options
@account_options
@json_option
@click.pass_obj
def plan_setup(
    options: GlobalOptions, file: Path, prune: bool, rules: RuleTexts, as_json: bool
) -> None:
    """Store the plan that gives the account what FILE has, and write its steps and its id.

    Exit code: 0 nothing to do, 2 changes, 1 an error.
    """
    request = replace(_request(file, rules, prune=prune), is_stored=True)
    planned = run(make_plan(options, request))
    if as_json:
        out.write_json(plan_json(planned.setup))
    else:
        write_plan(planned.setup, planned.account.name, is_stored=True)
    if planned.setup.plan.steps:
        raise click.exceptions.Exit(CHANGES)


@setup.command("apply")
@_file_argument
@click.option(
    "--plan", "plan_id", metavar="ID", default="", help="Apply only what this stored plan says."
)
@prune_option
@click.option("--dry-run", is_flag=True, help="Write what would be done, and change nothing.")
@click.option("--resume", is_flag=True, help="Go on with the plan that was interrupted.")
@rule_options
@account_options
@production_option
@yes_option
@click.pass_obj
def apply_setup(
    options: GlobalOptions,
    file: Path,
    plan_id: str,
    prune: bool,
    dry_run: bool,
    resume: bool,
    rules: RuleTexts,
    yes: bool,
) -> None:
    """Give the account what FILE has. Nothing is deleted without --prune.

    Applying again changes nothing. Exit code: 0 done, 1 an error; with --dry-run that of `plan`.
    """
    request = _request(file, rules, prune=prune)
    apply_request(options, request, PlanChoice(plan_id, resume=resume, dry_run=dry_run, yes=yes))


def _request(file: Path, rules: RuleTexts, *, prune: bool = False) -> PlanRequest:
    """Read and check FILE and the rules, before anything else."""
    from ibconsole.services.setup.plans import PlanKind

    wanted = rules.apply(read_setup(file))
    return PlanRequest(wanted, f"Apply {Path(name_of(file)).name}", PlanKind.APPLY, prune=prune)
