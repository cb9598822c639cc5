"""Expressions of the filter language, as values.

Everything is as it was typed: codes are not looked up, and `since:2h` stays two hours ago.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias, Union

import msgspec

from ibconsole.archive import Flags, Via
from ibconsole.archive.conditions import Relation


class FieldName(StrEnum):
    """The fields whose values are compared as a whole, by the names that are typed."""

    APPLICATION = "app"
    SENDER = "from"
    KEYWORD = "keyword"
    MESSAGE_ID = "id"


class Bound(StrEnum):
    """The ends of a period of arrival, by the names that are typed."""

    SINCE = "since"
    UNTIL = "until"


# The names of the flags as the list of messages has them, in one word.
FLAG_NAMES: Mapping[str, Flags] = {
    "duplicate": Flags.DUPLICATE,
    "salvaged": Flags.SALVAGED,
    "unusual": Flags.ODD,
    "not-a-message": Flags.NOT_A_MESSAGE,
}


class AllTerms(msgspec.Struct, frozen=True, kw_only=True, tag="all"):
    """Two or more terms that all hold."""

    terms: tuple["Expression", ...]


class AnyTerm(msgspec.Struct, frozen=True, kw_only=True, tag="any"):
    """Two or more terms, one of which holds."""

    terms: tuple["Expression", ...]


class NegatedTerm(msgspec.Struct, frozen=True, kw_only=True, tag="not"):
    """A term that does not hold."""

    term: "Expression"


class TextTerm(msgspec.Struct, frozen=True, kw_only=True, tag="text"):
    """A word or phrase, not empty, in text, sender, keyword or message id, ignoring case."""

    text: str


class FieldTerm(msgspec.Struct, frozen=True, kw_only=True, tag="field"):
    """The value of a field, not empty; an application by its code, masked code, or name."""

    field: FieldName
    value: str


class ViaTerm(msgspec.Struct, frozen=True, kw_only=True, tag="via"):
    """The way by which a message came."""

    via: Via


class FlagTerm(msgspec.Struct, frozen=True, kw_only=True, tag="flag"):
    """A flag of FLAG_NAMES that a message has."""

    flag: str


class TimeTerm(msgspec.Struct, frozen=True, kw_only=True, tag="time"):
    """A limit of the time of arrival: an age such as `2h`, or a date with or without a time."""

    bound: Bound
    time: str


class LagTerm(msgspec.Struct, frozen=True, kw_only=True, tag="lag"):
    """A comparison of the time between receipt and arrival, in milliseconds."""

    comparison: Relation
    lag_ms: int


class JsonTerm(msgspec.Struct, frozen=True, kw_only=True, tag="json"):
    """A test of a value in the JSON of a message; the fields are those of `ByJson`."""

    path: str
    comparison: Relation
    value: str = ""
    is_text: bool = False


Expression: TypeAlias = Union[  # noqa: UP007 a forward reference is no operand of |
    AllTerms,
    AnyTerm,
    NegatedTerm,
    TextTerm,
    FieldTerm,
    ViaTerm,
    FlagTerm,
    TimeTerm,
    LagTerm,
    JsonTerm,
]
