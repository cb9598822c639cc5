"""The extras of rows: texts of columns from JSON, and the rule that highlights a row."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Protocol

import msgspec

from ibconsole.archive import JobCancelled
from ibconsole.archive.conditions import ComparedMessage
from ibconsole.services.connections import HighlightRule, JsonColumn
from ibconsole.services.list_display.highlights import NO_RULE, Highlighter
from ibconsole.services.list_display.json_columns import ColumnReader
from ibconsole.services.protection import ShownCodes
from ibconsole.services.request_log import mask_codes
from ibconsole.text import mask_code


class ReadMessage(ComparedMessage, Protocol):
    """A message with its id."""

    @property
    def id(self) -> int: ...


class DisplayRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The columns and rules to compute for rows; `applications` are names by codes."""

    columns: tuple[JsonColumn, ...] = ()
    rules: tuple[HighlightRule, ...] = ()
    applications: Mapping[str, str] = msgspec.field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """True if there is nothing to compute."""
        return not self.columns and not self.rules


class RowExtras(msgspec.Struct, frozen=True, kw_only=True):
    """The texts of the columns of one message, and the number of the rule that it matches.

    `rule` is -1 without a match.
    """

    id: int
    texts: tuple[str, ...] = ()
    rule: int = NO_RULE


def extras_of(
    messages: Iterable[ReadMessage],
    request: DisplayRequest,
    codes: ShownCodes,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[RowExtras]:
    """Return the extras of some messages, in their order.

    Application codes are masked in every text, as in all lists. Raises JobCancelled between two
    messages once `cancelled` returns True, InvalidJsonPath, and whatever `messages` raises.
    """
    columns = ColumnReader(request.columns)
    highlighter = Highlighter(request.rules, request.applications)
    found = []
    for message in messages:
        if cancelled():
            raise JobCancelled("The rows are not shown any more.")
        mask = partial(masked, code=message.application_code, codes=codes)
        texts = columns.texts(message.body, mask)
        rule = highlighter.first_match(message)
        found.append(RowExtras(id=message.id, texts=texts, rule=rule))
    return found


def masked(text: str, code: str, codes: ShownCodes) -> str:
    """Return a text from a message without the code of its application."""
    if code and code in text:
        text = mask_codes(text, (code,), mask_code)
    return codes.text(text, code)
