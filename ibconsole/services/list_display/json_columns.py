"""Columns from JSON paths: the values at a path in the JSON of a message, as one text."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ibconsole.archive.conditions import (
    LONGEST_PATH,
    InvalidJsonPath,
    check_json_path,
    json_values,
    may_lead_somewhere,
    read_json,
)
from ibconsole.errors import UserError
from ibconsole.model import encode
from ibconsole.services.connections import JsonColumn

LONGEST_NAME = 40
LONGEST_TEXT = 300  # characters that are shown in a list; an export has all of them
_MOST_VALUES, _MOST_EXPORTED = 20, 1000  # of a path that leads to several
_MOST_PATHS = 200  # that are offered of one message
_DEEPEST = 8  # levels of those
_MORE = "…"
_PLAIN_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_LAST_NAME = re.compile(r"(?:\.|\[['\"])([^.\[\]'\"]+)(?:['\"]\])?(?:\[[-0-9*]+\])*$")


class InvalidColumn(UserError):
    """The name or the path of a column cannot be used.

    `position` is the character of the path at which it was refused, None for a name.
    """

    def __init__(self, sentence: str, position: int | None = None) -> None:
        super().__init__(sentence)
        self.position = position


def check_column(column: JsonColumn) -> None:
    """Raise InvalidColumn unless there can be such a column.

    A path that is not plain imports a library, in a tenth of a second.
    """
    if not column.name.strip():
        raise InvalidColumn("A column needs a name.")
    if len(column.name) > LONGEST_NAME or not column.name.isprintable():
        raise InvalidColumn(f"A column's name is one line of at most {LONGEST_NAME} characters.")
    try:
        check_json_path(column.path)
    except InvalidJsonPath as error:
        raise InvalidColumn(str(error), error.offset) from None


def read_column(text: str) -> JsonColumn:
    """Read a column as it is typed: NAME=PATH, or a path alone. Raises InvalidColumn."""
    name, separator, path = text.partition("=")
    if text.startswith("$") or not separator:
        name, path = suggested_name(text), text
    column = JsonColumn(name.strip(), path.strip())
    check_column(column)
    return column


def suggested_name(path: str) -> str:
    """Return a name for a column with this path: its last name, or the path itself."""
    found = _LAST_NAME.search(path)
    return (found[1] if found else path)[:LONGEST_NAME]


class ColumnReader:
    """Reads the texts of some columns of messages.

    `longest` is the number of characters of a text, None for whole texts. Raises InvalidJsonPath
    for a path that was not checked.
    """

    def __init__(self, columns: Sequence[JsonColumn], longest: int | None = LONGEST_TEXT) -> None:
        for column in columns:
            check_json_path(column.path)
        self._paths = [column.path for column in columns]
        self._longest = longest

    def texts(self, body: bytes, mask: Callable[[str], str] = str) -> tuple[str, ...]:
        """Return the text of each column; empty where its path leads nowhere.

        Several values are separated by commas, objects and arrays are JSON. Of a message of more
        than 1 MB, or whose JSON cannot be read, all are empty. `mask` is called with a whole text
        before it is cut: else a part of a code could stay.
        """
        if not any(may_lead_somewhere(path, body) for path in self._paths):
            return ("",) * len(self._paths)
        value = read_json(body)
        return tuple(self._text(path, value, mask) for path in self._paths)

    def _text(self, path: str, value: Any, mask: Callable[[str], str]) -> str:
        most = _MOST_EXPORTED if self._longest is None else _MOST_VALUES
        found = json_values(path, value, most + 1)
        texts = [_text_of(one) for one in found[:most]]
        if len(found) > most:
            texts.append(_MORE)
        text = mask(", ".join(texts))
        if self._longest is None or len(text) <= self._longest:
            return text
        return f"{text[: self._longest]}{_MORE}"


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else encode(value).decode()


def paths_in(body: bytes) -> Sequence[str]:
    """Return the paths to the values in the JSON of a message, to choose one, at most 200.

    Names that cannot be typed are left out.
    """
    found: list[str] = []
    for path in _paths("$", read_json(body), _DEEPEST):
        if len(found) == _MOST_PATHS:
            break
        found.append(path)
    return found


def _paths(path: str, value: Any, levels: int) -> Iterator[str]:
    children: Sequence[tuple[str, Any]] = ()
    if isinstance(value, dict):
        named = ((name, child) for name, child in value.items() if name.isprintable())
        children = [(f"{path}{_step(name)}", child) for name, child in named]
    elif isinstance(value, list) and value:
        children = [(f"{path}[*]", value[0])]
    for place, child in children:
        if len(place) > LONGEST_PATH:
            continue
        yield place
        if levels:
            yield from _paths(place, child, levels - 1)


def _step(name: str) -> str:
    if _PLAIN_NAME.fullmatch(name):
        return f".{name}"
    inside = encode(name).decode()[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"['{inside}']"
