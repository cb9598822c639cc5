"""Highlight rules: filter expressions, of which the first that matches gives a row its colour."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from ibconsole.archive.conditions import ComparedMessage, Condition, matches
from ibconsole.errors import UserError
from ibconsole.services.connections import HighlightRule
from ibconsole.services.filtering import parse_filter, to_condition

NO_RULE = -1


class HighlightColour(StrEnum):
    """The colours of highlighted rows, in the order in which they are offered.

    Each is a name of the theme, whose light and dark colours leave every text of a row readable.
    """

    INFO = "info"
    OK = "ok"
    WARNING = "warning"
    DANGER = "danger"
    VIOLET = "violet"
    NEUTRAL = "neutral"


def colour_of(rule: HighlightRule) -> HighlightColour:
    """Return the colour of a rule; neutral for one that only a newer program knows."""
    try:
        return HighlightColour(rule.colour)
    except ValueError:
        return HighlightColour.NEUTRAL


class Highlighter:
    """Finds the first rule that a message matches.

    `applications` has names of applications by their codes, as `to_criteria` takes them. Ages of
    times are counted from `now`. A rule that cannot be understood matches nothing, and has its
    error in `problems`.
    """

    def __init__(
        self,
        rules: Sequence[HighlightRule],
        applications: Mapping[str, str],
        now: datetime | None = None,
    ) -> None:
        self.problems: dict[int, UserError] = {}
        self._conditions: list[tuple[int, Condition]] = []
        for number, rule in enumerate(rules):
            try:
                expression = parse_filter(rule.text)
                if expression is not None:
                    condition = to_condition(expression, applications, now)
                    self._conditions.append((number, condition))
            except UserError as error:
                self.problems[number] = error

    def first_match(self, message: ComparedMessage) -> int:
        """Return the number of the first rule that a message matches, NO_RULE if it is none."""
        for number, condition in self._conditions:
            if matches(condition, message):
                return number
        return NO_RULE
