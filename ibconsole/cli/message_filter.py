"""The options of the commands that filter stored messages, and the filter that they give."""

from typing import TYPE_CHECKING, Any

import click

from ibconsole.errors import UserError
from ibconsole.text import mask_code

if TYPE_CHECKING:
    from ibconsole.services.messages import Filter, FullReader

_GAP = "…"  # in a mask, for which a terminal may have no key


class NoSuchCode(UserError):
    """No application with stored messages has this masked code, or several have it."""


def filter_options(command: Any) -> Any:
    """Add the options of `read_filter` to a command."""
    for option in (
        click.option(
            "--application",
            default="",
            metavar="CODE",
            help="Only messages of this application; a masked code (1a2b...wxyz) will do.",
        ),
        click.option(
            "--via",
            type=click.Choice(["pull", "forward"]),
            help="Only messages received in this way.",
        ),
        click.option("--text", default="", help="Only messages that contain this text."),
        click.option(
            "--since", default="", metavar="WHEN", help="Only messages that arrived then or later."
        ),
        click.option(
            "--until",
            default="",
            metavar="WHEN",
            help="Only messages that arrived before 2026-11-01, 2026-11-01T12:00Z, or 7d (ago).",
        ),
    ):
        command = option(command)
    return command


def read_filter(
    application: str | None,
    via: str | None,
    text: str | None,
    since: str | None,
    until: str | None,
) -> "Filter":
    """Return the filter of these options. Raises a UserError for what is no time."""
    from ibconsole.services.messages import Filter, Via
    from ibconsole.services.runtime import parse_time

    return Filter(
        application=application or "",
        via=Via(via) if via else None,
        text=text or "",
        since=parse_time(since) if since else None,
        until=parse_time(until) if until else None,
    )


def with_code(criteria: "Filter", reader: "FullReader") -> "Filter":
    """Return the filter with the code of an application that was named by its masked code.

    Raises NoSuchCode.
    """
    from msgspec.structs import replace

    wanted = criteria.application.replace("...", _GAP)
    if _GAP not in wanted:
        return criteria
    found = [code for code in reader.application_codes() if mask_code(code) == wanted]
    if len(found) != 1:
        number = "Several applications have" if found else "No application has"
        raise NoSuchCode(
            f"{number} stored messages and the masked code {wanted}: give the whole code."
        )
    return replace(criteria, application=found[0])
