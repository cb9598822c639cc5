"""The options of the commands that filter stored messages, and the filter that they give."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

import click

from ibconsole.errors import UserError
from ibconsole.text import mask_code

if TYPE_CHECKING:
    from ibconsole.services.filtering import Expression
    from ibconsole.services.messages import Filter, FullReader

_GAP = "…"  # in a mask, for which a terminal may have no key
_SHOWN_BEFORE, _SHOWN_AFTER = 60, 30  # characters of a filter around an error


class NoSuchCode(UserError):
    """No application with stored messages has this masked code, or several have it."""


class InvalidFilter(UserError):
    """The text of --filter is no expression of the filter language."""

    def __init__(self, sentence: str, text: str, position: int) -> None:
        super().__init__(sentence)
        self._text = text
        self._position = position

    @property
    def lines(self) -> tuple[str, ...]:
        """The sentence, the filter, and a caret below the character at which it was refused."""
        start = max(0, self._position - _SHOWN_BEFORE)
        shown = "".join(one if one.isprintable() else " " for one in self._text)
        before = shown[start : self._position]
        line = f"{before}{shown[self._position : self._position + _SHOWN_AFTER]}"
        width = sum(2 if east_asian_width(one) in "WF" else 1 for one in before)
        return (str(self), f"  {line}", f"  {' ' * width}^")


@dataclass(frozen=True, slots=True)
class MessageChoice:
    """The choice of the options of `filter_options`, before any code or name is looked up."""

    criteria: "Filter"
    expression: "Expression | None" = None

    def resolve(self, reader: "FullReader", data_dir: Path | None) -> "Filter":
        """Return the filter for a record. Raises NoSuchCode, or another UserError."""
        criteria = with_code(self.criteria, reader)
        if self.expression is None:
            return criteria
        from ibconsole.services.filtering import to_criteria
        from ibconsole.services.runtime import find_paths
        from ibconsole.services.setup.plans import application_names

        known = dict.fromkeys(reader.application_codes(), "")
        names = application_names(find_paths(data_dir).archive, "")
        return to_criteria(self.expression, {**known, **names}, criteria)


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
        click.option(
            "--filter",
            "expression",
            default="",
            metavar="EXPR",
            help=(
                "Only messages that match an expression, such as"
                " 'via:pull lag:>10m (stop OR keyword:STOP) -flag:duplicate'; see docs/filters.md."
            ),
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
    expression: str | None = "",
) -> MessageChoice:
    """Return what these options ask for.

    Raises a UserError for what is no time, and InvalidFilter.
    """
    from ibconsole.services.messages import Filter, Via
    from ibconsole.services.runtime import parse_time

    criteria = Filter(
        application=application or "",
        via=Via(via) if via else None,
        text=text or "",
        since=parse_time(since) if since else None,
        until=parse_time(until) if until else None,
    )
    return MessageChoice(criteria, _parse(expression) if expression else None)


def _parse(text: str) -> "Expression | None":
    from ibconsole.services.filtering import FilterError, parse_filter

    try:
        return parse_filter(text)
    except FilterError as error:
        raise InvalidFilter(str(error), text, error.position) from None


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
