"""`ibconsole messages follow`: all messages of an installation, of a subscriber, or of a pair."""

from typing import TYPE_CHECKING

import click

from ibconsole.cli import GlobalOptions, json_option, out
from ibconsole.cli.records.opened_record import OpenedRecord, open_record, record_options
from ibconsole.cli.records.support import (
    ForSupport,
    read_support,
    saved_base_url,
    support_options,
    write_support,
)

if TYPE_CHECKING:
    from ibconsole.services.threads import FollowedThread, ThreadSubject


@click.command("follow")
@click.argument("message", type=int, required=False)
@click.option("--sender", metavar="ID", help="Follow this installation (from), without a message.")
@click.option("--subscriber", metavar="ID", help="Follow this subscriberId, without a message.")
@click.option("--pair", metavar="ID", help="Follow this messageId, without a message.")
@click.option(
    "--by",
    type=click.Choice(["installation", "subscriber", "pair"]),
    help="The field of MESSAGE that is followed; installation is the default.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1, max=100_000),
    default=2_000,
    show_default=True,
    help="Keep at most this many messages, the newest.",
)
@support_options
@record_options
@json_option
@click.pass_obj
def follow(
    options: GlobalOptions,
    /,
    message: int | None,
    sender: str | None,
    subscriber: str | None,
    pair: str | None,
    by: str | None,
    limit: int,
    local: bool,
    as_json: bool,
    **support: bool,
) -> None:
    """Show the thread of MESSAGE, oldest first, with silences, duplicates and answers.

    MESSAGE is its ID in `messages list`. Messages of all connections are found that are in the
    record: on this disk, or of the connection's team. A subscriber is found by reading the JSON of
    all messages, which takes some seconds for a million. Ctrl+C ends the search.
    """
    chosen = read_support(**support)
    named = {"installation": sender, "subscriber": subscriber, "pair": pair}
    given = {kind: value for kind, value in named.items() if value}
    if len(given) + (message is not None) != 1 or (by and message is None):
        raise click.UsageError(
            "Name a message (with --by), or one of --sender, --subscriber, --pair."
        )
    if as_json and chosen.wanted:
        raise click.UsageError("--json and --support exclude each other.")
    with open_record(options, local=local) as record:
        subject = _subject(record, message, by or "installation", given)
        thread = _find(options, record, subject, limit)
    _write(options, thread, chosen, as_json=as_json)


def _subject(
    record: OpenedRecord, message: int | None, by: str, given: dict[str, str]
) -> "ThreadSubject":
    from ibconsole.services.messages import NoSuchMessage
    from ibconsole.services.threads import ThreadKind, ThreadSubject, subject_of

    if message is None:
        [(kind, value)] = given.items()
        return ThreadSubject(kind=ThreadKind(kind), value=value)
    found = record.reader.message(message)
    if not found:
        raise NoSuchMessage(f"There is no message {message} in this archive.")
    return subject_of(found, ThreadKind(by))


def _find(
    options: GlobalOptions, record: OpenedRecord, subject: "ThreadSubject", limit: int
) -> "FollowedThread":
    """Return the whole thread, and report how far the search is."""
    from ibconsole.archive.ledger import LedgerReader
    from ibconsole.services.messages import Progress
    from ibconsole.services.runtime import find_paths
    from ibconsole.services.threads import FollowedThread, ThreadFinder

    progress = out.ProgressWriter()
    thread = FollowedThread(subject=subject)
    with LedgerReader(find_paths(options.data_dir).archive) as ledger:
        finder = ThreadFinder(
            record.reader, subject, ledger=ledger, codes=out.shown_codes(), most=limit
        )
        for found in finder.parts():
            thread = found
            progress(Progress("Searching older messages"))
    return thread


def _write(
    options: GlobalOptions, thread: "FollowedThread", chosen: ForSupport, *, as_json: bool
) -> None:
    from ibconsole.services.evidence.support import followed_messages
    from ibconsole.services.threads import HEADERS, describe_thread, thread_object, thread_rows

    if chosen.wanted:
        connections = {one.message.connection or "" for one in thread.entries if not one.base_url}
        urls = {uuid: saved_base_url(options, uuid) for uuid in connections}
        write_support(followed_messages(thread, urls), chosen)
    elif as_json:
        out.write_json(thread_object(thread))
    else:
        out.write_table(HEADERS, thread_rows(thread))
    out.write_notice(describe_thread(thread))
