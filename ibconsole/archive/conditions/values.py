"""The values of a condition: a tree of tests, each of one message.

A test of what a message does not have is false, so its negation is true: nothing is unknown.
"""

from enum import StrEnum
from typing import TypeAlias, Union

import msgspec


class Relation(StrEnum):
    """The ways in which a value is compared, as they are typed."""

    EQUAL = "="
    DIFFERENT = "!="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="
    CONTAINS = "contains"
    EXISTS = "exists"


class ExactField(StrEnum):
    """The fields of a message that are compared as a whole, in this case."""

    APPLICATION = "application_code"
    SENDER = "sender"
    KEYWORD = "keyword"
    MESSAGE_ID = "message_id"


class AllOf(msgspec.Struct, frozen=True, kw_only=True, tag="all"):
    """Every condition holds; true without any."""

    conditions: tuple["Condition", ...]


class AnyOf(msgspec.Struct, frozen=True, kw_only=True, tag="any"):
    """At least one condition holds; false without any."""

    conditions: tuple["Condition", ...]


class NoneOf(msgspec.Struct, frozen=True, kw_only=True, tag="none"):
    """The condition does not hold."""

    condition: "Condition"


class Contains(msgspec.Struct, frozen=True, kw_only=True, tag="contains"):
    """Text, sender, keyword or message id contains this text, ignoring case."""

    text: str


class ByField(msgspec.Struct, frozen=True, kw_only=True, tag="field"):
    """The field has one of these values; an application's code in any of its Unicode spellings."""

    field: ExactField
    values: tuple[str, ...]


class ByVia(msgspec.Struct, frozen=True, kw_only=True, tag="via"):
    """The message came in this way, a value of `Via`."""

    via: str


class ByFlags(msgspec.Struct, frozen=True, kw_only=True, tag="flags"):
    """The message has at least one of these `Flags`."""

    flags: int


class ArrivedWithin(msgspec.Struct, frozen=True, kw_only=True, tag="arrived"):
    """The message arrived at or after `since`, before `until`; milliseconds since the epoch."""

    since: int | None = None
    until: int | None = None


class ByLag(msgspec.Struct, frozen=True, kw_only=True, tag="lag"):
    """The time between receipt and arrival, in milliseconds; false if that of receipt is missing.

    The comparison is one of numbers: =, !=, <, <=, >, >=.
    """

    comparison: Relation
    lag_ms: int


class ByJson(msgspec.Struct, frozen=True, kw_only=True, tag="json"):
    """A value in the JSON of the message, found by a path of RFC 9535; see `is_json_match`."""

    path: str
    comparison: Relation
    value: str = ""
    is_text: bool = False


Condition: TypeAlias = Union[  # noqa: UP007 a forward reference is no operand of |
    AllOf, AnyOf, NoneOf, Contains, ByField, ByVia, ByFlags, ArrivedWithin, ByLag, ByJson
]


def reads_json(condition: Condition | None) -> bool:
    """Return whether a condition looks into the JSON of messages."""
    match condition:
        case AllOf(conditions=parts) | AnyOf(conditions=parts):
            return any(map(reads_json, parts))
        case NoneOf(condition=part):
            return reads_json(part)
        case _:
            return isinstance(condition, ByJson)
