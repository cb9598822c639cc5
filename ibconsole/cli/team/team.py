"""`ibconsole team`: a team's archive in PostgreSQL, from nothing to its retention."""

from typing import TYPE_CHECKING, Any

import click

from ibconsole.cli import ExitCode, GlobalOptions, confirm, json_option, out, yes_option
from ibconsole.cli.team.database import (
    database_options,
    examine,
    open_database,
    read_local_backlog,
    require_changes_permitted,
)
from ibconsole.cli.team.descriptions import (
    backlog_object,
    describe_backlog,
    describe_preparation,
    describe_retention,
    examination_object,
    report_lines,
    report_object,
    retention_object,
)
from ibconsole.plural import counted

if TYPE_CHECKING:
    from collections.abc import Callable

# Spelled out, because importing the archive would delay every --help.
CAPABILITIES = ("reader", "operator", "collector", "owner")


@click.group()
def team() -> None:
    """A team's archive in PostgreSQL, to which desktops and collectors ship what they received.

    The database is named by its URL, or by the saved connection that shares with the team.
    """


@team.command()
@click.option("--account", "accounts", multiple=True, metavar="NAME", help="Add this account.")
@database_options
@click.pass_obj
def init(options: GlobalOptions, database: str, accounts: tuple[str, ...]) -> None:
    """Prepare an empty database: roles, tables, rights, the months ahead.

    Needs the database's owner, with the right to create roles. What is there already is migrated
    as `team migrate` does; nothing is deleted. Accounts are added with --account, any time.
    """
    from ibconsole.team_archive.administration import add_account, connect_owner, prepare

    require_changes_permitted(options)
    with open_database(options, database, connect_owner) as (db, address):
        for line in describe_preparation(address, prepare(db)):
            out.write_notice(line)
        for name in accounts:
            add_account(db, name)
            out.write_notice(f"The account {name} is there; ibconsole team grant adds its users.")


@team.command()
@database_options
@click.pass_obj
def migrate(options: GlobalOptions, database: str) -> None:
    """Bring the tables up to date; also after a dump was restored on another server.

    Programs of the release before can still use them. Needs a member of ibconsole_owner.
    """
    from ibconsole.team_archive.administration import connect_owner, prepare

    require_changes_permitted(options)
    with open_database(options, database, connect_owner) as (db, address):
        for line in describe_preparation(address, prepare(db)):
            out.write_notice(line)


def _membership_options(command: "Callable[..., Any]") -> "Callable[..., Any]":
    with_account = click.option(
        "--account", metavar="NAME", default="", help="The account; for an owner it is all of them."
    )(command)
    return click.option(
        "--as",
        "capability",
        type=click.Choice(CAPABILITIES),
        required=True,
        help="reader: reads. operator: ships, pulls and reads, as desktops do. collector: ships and"
        " pulls, reads no message. owner: migrates, and manages accounts.",
    )(with_account)


@team.command()
@click.argument("role")
@_membership_options
@database_options
@click.pass_obj
def grant(options: GlobalOptions, database: str, role: str, capability: str, account: str) -> None:
    """Let ROLE, a user or a group of the database's server, use an account."""
    from ibconsole.team_archive import Capability
    from ibconsole.team_archive.administration import connect_owner
    from ibconsole.team_archive.administration import grant as grant_role

    require_changes_permitted(options)
    _require_account(capability, account)
    with open_database(options, database, connect_owner) as (db, _):
        grant_role(db, Capability(capability), account, role)
    out.write_notice(f"{role} is {capability} of {account or 'the archive'} now.")


@team.command()
@click.argument("role")
@_membership_options
@database_options
@click.pass_obj
def revoke(
    options: GlobalOptions, database: str, role: str, capability: str, account: str
) -> int | None:
    """Take from ROLE what `team grant` gave. Open sessions lose it at once.

    Exit code 1: the role itself did not have it; perhaps a group that it belongs to does.
    """
    from ibconsole.team_archive import Capability
    from ibconsole.team_archive.administration import connect_owner
    from ibconsole.team_archive.administration import revoke as revoke_role

    require_changes_permitted(options)
    _require_account(capability, account)
    with open_database(options, database, connect_owner) as (db, _):
        gone = revoke_role(db, Capability(capability), account, role)
    if not gone:
        out.write_notice(f"{role} itself was no {capability} of {account}. Nothing was changed.")
        return ExitCode.FAILED
    out.write_notice(f"{role} is no {capability} of {account or 'the archive'} any more.")
    return None


@team.command()
@database_options
@json_option
@click.pass_obj
def members(options: GlobalOptions, database: str, as_json: bool) -> None:
    """List who may do what, as far as this user may see it."""
    from ibconsole.team_archive.administration import list_members

    with open_database(options, database) as (db, _):
        found = list_members(db)
    if as_json:
        names = [(one.account, one.role, one.capability, one.exists) for one in found]
        out.write_json(
            [
                {"account": account, "role": role, "capability": capability, "exists": exists}
                for account, role, capability, exists in names
            ]
        )
        return
    out.write_table(
        ("ACCOUNT", "ROLE", "CAPABILITY"),
        (
            (one.account, one.role if one.exists else f"{one.role} (gone)", one.capability.value)
            for one in found
        ),
    )


@team.command()
@database_options
@json_option
@click.pass_obj
def status(options: GlobalOptions, database: str, as_json: bool) -> None:
    """Show the accounts, who pulls, and who ships to them with how much still waiting.

    With --connection also what waits on this computer, and that although the database is away.
    """
    from ibconsole.team_archive.administration import read_report

    backlog = read_local_backlog(options)
    if backlog and not as_json:
        out.write_line(f"This computer: {describe_backlog(backlog)}.")
    with open_database(options, database) as (db, address):
        report = read_report(db, address)
    if as_json:
        out.write_json({**report_object(report), "local": backlog and backlog_object(backlog)})
        return
    for line in report_lines(address, report):
        out.write_line(line)


@team.command()
@database_options
@json_option
@click.pass_obj
def doctor(options: GlobalOptions, database: str, as_json: bool) -> int | None:
    """Check the server, the tables, the rights and the sources. Changes nothing.

    With --connection also the rights of its user in its account. Ends within a minute, although the
    server may give no answer.

    Exit code 0: there is no problem. 1: there is a problem, with what to do about it.
    """
    from ibconsole.services.team import check_line

    found = examine(options, database)
    if as_json:
        out.write_json(examination_object(found))
    else:
        for check in found.checks:
            out.write_line(check_line(check))
    return None if found.healthy else ExitCode.FAILED


@team.command()
@click.option(
    "--keep", type=click.IntRange(1, 1200), metavar="MONTHS", help="Keep this many whole months."
)
@click.option("--keep-everything", is_flag=True, help="Drop nothing any more.")
@click.option("--trust-clock", is_flag=True, help="Say that the server's clock is right now.")
@click.option("--apply", "applies", is_flag=True, help="Drop the expired months now.")
@database_options
@yes_option
@json_option
@click.pass_obj
def retention(
    options: GlobalOptions,
    database: str,
    keep: int | None,
    *,
    keep_everything: bool,
    trust_clock: bool,
    applies: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Show or set how many months are kept before the current one; by default all.

    A collector drops whole months once a day. One that got deliveries only later, from an older
    archive, stays until they are as old. What is on the disks of desktops and collectors stays.
    """
    from ibconsole.team_archive import administration

    if keep and keep_everything:
        raise click.UsageError("Give --keep or --keep-everything, not both.")
    if keep or keep_everything or trust_clock or applies:
        require_changes_permitted(options)
    with open_database(options, database, administration.connect_owner) as (db, _):
        if trust_clock:
            administration.trust_clock(db)
        if keep or keep_everything:
            administration.set_retention(db, keep)
        state = administration.read_retention(db)
        gone = [one for one in state.expired if not one.later]
        if applies and gone:
            total = sum(one.deliveries for one in gone)
            confirm(
                f"Permanently drop {counted(len(gone), 'month')} with"
                f" {counted(total, 'delivery', 'deliveries')} of all accounts?",
                yes=yes,
            )
            dropped = administration.drop_expired(db)
            out.write_notice(f"{counted(len(dropped), 'month')} dropped.")
            state = administration.read_retention(db)
    if as_json:
        out.write_json(retention_object(state))
        return
    for line in describe_retention(state):
        out.write_line(line)


def _require_account(capability: str, account: str) -> None:
    if bool(account) == (capability == "owner"):
        raise click.UsageError("Name the account with --account; an owner has all of them.")
