"""The command for the retention of what is stored: its limits, a preview, and its application."""

from typing import TYPE_CHECKING

import click

from ibconsole.cli import (
    GlobalOptions,
    confirm,
    data_dir_option,
    json_option,
    open_console,
    out,
    reason_option,
    remove_old_rows,
    run,
    yes_option,
)
from ibconsole.errors import UserError
from ibconsole.plural import counted

if TYPE_CHECKING:
    from ibconsole.services.messages import RetentionPolicy, RetentionPreview


@click.command()
@click.option(
    "--keep-days", type=click.IntRange(min=0), help="Delete messages older than this many days."
)
@click.option("--keep-count", type=click.IntRange(min=0), help="Keep at most this many messages.")
@click.option("--keep-size", metavar="SIZE", help="Keep at most this much: 500MB, 2GB.")
@click.option("--off", is_flag=True, help="Keep everything, which is the default.")
@click.option("--preview", is_flag=True, help="Show what would be deleted; change nothing.")
@click.option(
    "--trust-clock",
    is_flag=True,
    help="Delete by age although the clock may be wrong, after showing what.",
)
@click.option(
    "--audit-days",
    type=int,
    metavar="DAYS",
    help="Remove the rows of the audit that are older, once; no limit above touches it.",
)
@reason_option
@data_dir_option
@json_option
@yes_option
@click.pass_obj
def retention(
    options: GlobalOptions,
    keep_days: int | None,
    keep_count: int | None,
    keep_size: str | None,
    off: bool,
    preview: bool,
    trust_clock: bool,
    audit_days: int | None,
    as_json: bool,
    yes: bool,
) -> None:
    """Show or set how much is kept. The default is everything.

    Messages beyond a limit are deleted permanently, the oldest first: now, and every hour while
    the window is open or `listen` runs. The audit is kept in any case: only --audit-days removes
    rows of it, at least 30 days old, and a row says who did.
    """
    from msgspec.structs import asdict

    from ibconsole.services.messages import RetentionPolicy, describe_policy, describe_preview
    from ibconsole.services.runtime import parse_size

    size = None if keep_size is None else parse_size(keep_size)
    policy = RetentionPolicy(keep_days, keep_count, size)
    if audit_days is not None:
        if off or as_json or not policy.keeps_everything:
            raise click.UsageError("--audit-days stands alone: give no limits of messages with it.")
        remove_old_rows(options, audit_days, preview=preview, yes=yes, trust_clock=trust_clock)
        return
    if off and not policy.keeps_everything:
        raise click.UsageError("--off keeps everything: give no limits.")
    new_policy = None if policy.keeps_everything and not off else policy
    policy, affected = _preview_retention(options, new_policy)
    out.write_notice(f"{describe_policy(policy)} {describe_preview(affected)}")
    deleted = 0
    if not preview and (trust_clock or new_policy):
        # The question is asked outside of the event loop, in which Ctrl+C would not end it.
        _confirm_retention(affected, yes=yes, trust_clock=trust_clock)
        seen = trust_clock or (affected.deliveries > 0 and not yes)
        deleted = run(_apply_retention(options, new_policy, seen=seen))
        out.write_notice(f"The setting is saved; {counted(deleted, 'message')} deleted.")
    if as_json:
        out.write_json({"keep": asdict(policy), "leaving": asdict(affected), "deleted": deleted})


def _confirm_retention(affected: "RetentionPreview", *, yes: bool, trust_clock: bool) -> None:
    """Ask before messages are deleted; an answer given in advance trusts no doubtful clock."""
    if not affected.deliveries:
        return
    if yes and affected.doubted_since is not None and not trust_clock:
        raise UserError(
            "Nothing was deleted, and the setting was not changed, because the clock may be wrong."
            " If it is right, add --trust-clock."
        )
    confirm("Delete them now, and apply this limit from now on?", yes=yes)


def _preview_retention(
    options: GlobalOptions, new_policy: "RetentionPolicy | None"
) -> "tuple[RetentionPolicy, RetentionPreview]":
    """Return the new policy, or else the saved one, and what it would delete; change nothing."""
    from ibconsole.services.connections import SettingsFile
    from ibconsole.services.messages import (
        limits_in_force,
        open_reader,
        require_limits,
        why_fixed,
    )
    from ibconsole.services.protection import find_policy
    from ibconsole.services.runtime import find_paths

    found, settings = find_policy(), SettingsFile(find_paths(options.data_dir).settings)
    if why := why_fixed(found):
        out.write_notice(why)
    if new_policy:
        require_limits(found, new_policy)
    policy = new_policy or limits_in_force(found, settings.load().settings.retention)
    with open_reader(options.data_dir, out.write_notice) as reader:
        return policy, reader.preview_retention(policy)


async def _apply_retention(
    options: GlobalOptions, new_policy: "RetentionPolicy | None", *, seen: bool
) -> int:
    async with open_console(options, connect=False) as console:
        if new_policy:
            await console.retention.save_policy(new_policy)
        return await console.retention.apply(seen=seen)
