"""Conditions compared with one message in memory, as the SQL of `searching` compares them."""

import operator
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Protocol

from ibconsole.archive.conditions.json_tests import json_test, read_json
from ibconsole.archive.conditions.values import (
    AllOf,
    AnyOf,
    ArrivedWithin,
    ByField,
    ByFlags,
    ByJson,
    ByLag,
    ByVia,
    Condition,
    Contains,
    ExactField,
    NoneOf,
    Relation,
)
from ibconsole.text import fold


class ComparedMessage(Protocol):
    """The fields of a message that conditions are about; `body` is its JSON."""

    @property
    def via(self) -> str: ...
    @property
    def application_code(self) -> str: ...
    @property
    def sender(self) -> str: ...
    @property
    def keyword(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def message_id(self) -> str: ...
    @property
    def received_at(self) -> int | None: ...
    @property
    def arrived_at(self) -> int: ...
    @property
    def flags(self) -> int: ...
    @property
    def body(self) -> bytes: ...


_COMPARED: Mapping[Relation, Callable[[int, int], bool]] = {
    Relation.EQUAL: operator.eq,
    Relation.DIFFERENT: operator.ne,
    Relation.LESS: operator.lt,
    Relation.AT_MOST: operator.le,
    Relation.GREATER: operator.gt,
    Relation.AT_LEAST: operator.ge,
}


def matches(condition: Condition, message: ComparedMessage) -> bool:
    """Return whether a message meets a condition. Raises InvalidJsonPath."""
    return _MessageTests(message).meets(condition)


def code_spellings(code: str) -> tuple[str, ...]:
    """Return an application's code as it was typed, composed and decomposed."""
    if code.isascii():
        return (code,)
    return (code, *(unicodedata.normalize(form, code) for form in ("NFC", "NFD")))


class _MessageTests:
    """One message, whose JSON is read at most once."""

    def __init__(self, message: ComparedMessage) -> None:
        self._message = message
        self._json: list[Any] = []

    def meets(self, condition: Condition) -> bool:
        match condition:
            case AllOf(conditions=parts):
                return all(map(self.meets, parts))
            case AnyOf(conditions=parts):
                return any(map(self.meets, parts))
            case NoneOf(condition=part):
                return not self.meets(part)
            case ByJson():
                return json_test(condition)(self._value())
            case _:
                return _meets_alone(condition, self._message)

    def _value(self) -> Any:
        if not self._json:
            self._json.append(read_json(self._message.body))
        return self._json[0]


def _meets_alone(condition: Condition, message: ComparedMessage) -> bool:
    match condition:
        case Contains(text=text):
            return any(_folded(text) in fold(one) for one in _searched(message))
        case ByField(field=field, values=values):
            if field is ExactField.APPLICATION:
                values = tuple(one for value in values for one in code_spellings(value))
            return getattr(message, field.value) in values
        case ByVia(via=via):
            return message.via == via
        case ByFlags(flags=flags):
            return bool(message.flags & flags)
        case ArrivedWithin(since=since, until=until):
            return (since is None or message.arrived_at >= since) and (
                until is None or message.arrived_at < until
            )
        case ByLag(comparison=comparison, lag_ms=lag):
            received = message.received_at
            return received is not None and _COMPARED[comparison](
                message.arrived_at - received, lag
            )
        case _:
            raise TypeError(f"{condition!r} is no condition of one message alone.")


def _searched(message: ComparedMessage) -> tuple[str, ...]:
    return (message.text, message.sender, message.keyword, message.message_id)


@lru_cache(maxsize=64)
def _folded(text: str) -> str:
    return fold(text.encode(errors="replace").decode())
