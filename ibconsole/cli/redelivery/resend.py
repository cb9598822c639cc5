"""`ibconsole messages resend`: stored messages sent again, to any URL."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ibconsole.cli import (
    FileUnusable,
    GlobalOptions,
    account_options,
    confirm,
    filter_options,
    json_option,
    out,
    production_option,
    read_filter,
    read_input,
    run,
    yes_option,
)
from ibconsole.cli.redelivery.running import checked_law, open_redeliveries, run_job
from ibconsole.pasted import clean_pasted
from ibconsole.plural import counted

if TYPE_CHECKING:
    from ibconsole.services.forward_test import Sender
    from ibconsole.services.redelivery import RedeliveryPlan, RedeliveryRequest

_FILTERS = ("application", "via", "text", "since", "until", "expression")


@click.command("resend")
@click.argument("messages", type=int, nargs=-1, metavar="[MESSAGE]...")
@filter_options
@click.option("--all", "everything", is_flag=True, help="All stored messages.")
@click.option("--to", "url", metavar="URL", required=True, help="The URL that gets them.")
@click.option(
    "--as",
    "form",
    type=click.Choice(["received", "platform"]),
    default="received",
    show_default=True,
    help=(
        "As they were received, byte for byte (what was pulled, in the platform's envelope); or as"
        " the platform would send them now, as learned from its forwards, see `ibconsole sender`."
    ),
)
@click.option(
    "--edited",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Send the bytes of FILE in place of one message; - is stdin.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be sent; send nothing.")
@click.option(
    "--batch", type=click.IntRange(1), default=1, show_default=True, help="Messages in a request."
)
@click.option(
    "--rate",
    type=click.FloatRange(0),
    default=0.0,
    help="Requests a second at most. Without it, no limit.",
)
@click.option(
    "--parallel", type=click.IntRange(1), default=1, show_default=True, help="Requests at once."
)
@click.option(
    "--law",
    metavar="LAW",
    default="none",
    show_default=True,
    help="When a failed attempt is repeated: none, published, '10s, 1m', '1m + 1m * n^2, 20'.",
)
@click.option("--stop-on-failure", is_flag=True, help="Pause at the first failure.")
@click.option(
    "--timeout",
    type=click.FloatRange(0.1),
    default=20.0,
    show_default=True,
    metavar="SECONDS",
    help="The time limit of a request.",
)
@account_options
@production_option
@json_option
@yes_option
@click.pass_obj
def resend(options: GlobalOptions, /, messages: tuple[int, ...], **chosen: Any) -> int | None:
    """Send stored messages again to URL: those with these IDs, or those that match the options.

    Every attempt and answer is recorded. A message whose answer never came is unknown, and is not
    sent again without a decision; `give-back show|resume|decide` go on with what is left. Exit
    code 0: all are acknowledged. 1: some are not. 130: paused by Ctrl+C.
    """
    as_json, dry_run = bool(chosen["as_json"]), bool(chosen["dry_run"])
    request = _request(options, messages, chosen)
    plan = run(_plan(options, request))
    _write_plan(request, plan, as_json=as_json and dry_run, is_answer=dry_run)
    if dry_run:
        return None
    # The question is asked outside of the event loop, in which Ctrl+C would not end it.
    confirm(f"Send {counted(plan.messages, 'message')} to {request.url}?", yes=chosen["yes"])
    return run(_create_and_run(options, request, plan, as_json=as_json))


def _request(
    options: GlobalOptions, messages: tuple[int, ...], chosen: dict[str, Any]
) -> "RedeliveryRequest":
    from ibconsole.services.messages import open_reader
    from ibconsole.services.redelivery import RedeliveryForm, RedeliveryRequest

    filters = {name: chosen[name] for name in _FILTERS}
    ways = [bool(messages), any(filters.values()), bool(chosen["everything"])]
    if sum(ways) != 1:
        raise click.UsageError(
            "Name messages by their IDs (`messages list` shows them), choose them by options such"
            " as --application and --since, or give --all; one of the three."
        )
    form = {"received": RedeliveryForm.AS_RECEIVED, "platform": RedeliveryForm.AS_PLATFORM}
    edited = None if chosen["edited"] is None else _read_edited(chosen["edited"])
    choice = read_filter(**filters)
    with open_reader(options.data_dir, out.write_notice) as reader:
        selection = choice.resolve(reader, options.data_dir)
    return RedeliveryRequest(
        url=clean_pasted(chosen["url"]),
        selection=selection,
        messages=messages or None,
        form=form[chosen["form"]] if edited is None else RedeliveryForm.EDITED,
        sender=_sender(options),
        law=checked_law(chosen["law"]),
        batch_size=chosen["batch"],
        rate=chosen["rate"],
        parallelism=chosen["parallel"],
        stop_on_failure=chosen["stop_on_failure"],
        timeout=chosen["timeout"],
        edited=edited,
    )


def _read_edited(file: Path) -> bytes:
    from ibconsole.services.documents import LARGEST

    data = read_input(file)
    if len(data) > LARGEST:
        raise FileUnusable(
            f"{file} is larger than {LARGEST >> 20} MiB, which is more than an endpoint takes."
            " Nothing was sent."
        )
    return data


def _sender(options: GlobalOptions) -> "Sender":
    """Return the platform as the archive's forwards show it, else as it is assumed to be."""
    from ibconsole.services.forward_test import PLATFORM
    from ibconsole.services.runtime import find_paths
    from ibconsole.services.sender_profile import learn_sender

    profile = learn_sender(find_paths(options.data_dir).archive)
    return (profile.to_sender() if profile else None) or PLATFORM


async def _plan(options: GlobalOptions, request: "RedeliveryRequest") -> "RedeliveryPlan":
    async with open_redeliveries(options, request.url) as opened:
        owners = await opened.redeliveries.owners_of(request)
    async with open_redeliveries(options, request.url, owners) as opened:
        return await opened.redeliveries.plan(request)


def _write_plan(
    request: "RedeliveryRequest", plan: "RedeliveryPlan", *, as_json: bool, is_answer: bool
) -> None:
    from ibconsole.services.redelivery import plan_as_object, plan_sentences

    if as_json:
        out.write_json(plan_as_object(request, plan))
    else:
        write: Callable[[str], None] = out.write_line if is_answer else out.write_notice
        for line in plan_sentences(request, plan):
            write(line)
    if is_answer:
        out.write_notice("Nothing was sent.")


async def _create_and_run(
    options: GlobalOptions, request: "RedeliveryRequest", plan: "RedeliveryPlan", *, as_json: bool
) -> int | None:
    from msgspec.structs import replace

    async with open_redeliveries(options, request.url, plan.connections) as opened:
        if opened.account:
            request = replace(request, connection=opened.account.connection)
        job = await opened.redeliveries.create(request)
        return await run_job(opened, job.id, as_json=as_json)
