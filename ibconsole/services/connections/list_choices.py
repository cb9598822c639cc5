"""The choices of a user for the list of a connection's messages, as the settings file has them.

What they mean, and which are valid, is known to `services.list_display`: values of a newer program
are kept as they are.
"""

import msgspec


class JsonColumn(msgspec.Struct, frozen=True):
    """A column with the values at a path of RFC 9535 in the JSON of each message."""

    name: str
    path: str


class HighlightRule(msgspec.Struct, frozen=True):
    """A filter expression, and the colour of the rows that match it, a value of `HighlightColour`.

    Without a `name` the rule is named by its expression.
    """

    text: str
    colour: str
    name: str = ""

    @property
    def label(self) -> str:
        """The name of the rule for users."""
        return self.name or self.text


class ListChoices(msgspec.Struct, frozen=True):
    """The columns and highlight rules of one connection; of several rules the first match wins.

    `connection` is its ID, empty while none is open.
    """

    connection: str = ""
    columns: tuple[JsonColumn, ...] = ()
    rules: tuple[HighlightRule, ...] = ()

    @property
    def is_default(self) -> bool:
        """True if there is nothing to keep."""
        return not self.columns and not self.rules


def with_choices(all_choices: tuple[ListChoices, ...], one: ListChoices) -> tuple[ListChoices, ...]:
    """Return all choices with those of one connection replaced."""
    others = tuple(other for other in all_choices if other.connection != one.connection)
    return others if one.is_default else (*others, one)
