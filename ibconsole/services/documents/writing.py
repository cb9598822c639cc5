"""Writing of documents: scalars and lists of YAML, and JSON, in which no character is invisible."""

import json
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

# A text that means itself without quotes, to readers of YAML 1.1 as well.
_PLAIN = re.compile(r"[^\W\d_](?:[\w ./?=&%+~@,;()$*!|-]|:(?=[^\s])|#(?<=[^\s]#))*")
_NOT_PLAIN = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
_JOINERS = "\u200c\u200d"  # which emoji and several scripts need
_STEP = "  "


class FileFormat(StrEnum):
    """The formats of documents."""

    YAML = "yaml"
    JSON = "json"


def json_document(root: object) -> bytes:
    """Return an object as a file of JSON, in UTF-8."""
    text = json.dumps(root, indent=2, ensure_ascii=False)
    return f"{_escaped(text, astral=False)}\n".encode()


def item_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a mapping as an item of a list."""
    for number, line in enumerate(lines):
        yield f"{_STEP if number else '- '}{line}"


def yaml_text(text: str) -> str:
    """Return a text as a scalar of YAML: as it is if no reader can misread it, else in quotes."""
    is_plain = _PLAIN.fullmatch(text) and text.isprintable() and not text.endswith((" ", ":"))
    if is_plain and text.lower() not in _NOT_PLAIN:
        return text
    if text.isprintable() and ('"' in text or "\\" in text):  # JSON stays readable
        return "'" + text.replace("'", "''") + "'"
    return _escaped(json.dumps(text, ensure_ascii=False), astral=True)


def flow_text(value: object) -> str:
    """Return an object of JSON as one line that is YAML as well."""
    return _escaped(json.dumps(value, ensure_ascii=False), astral=True)


def _escaped(text: str, *, astral: bool) -> str:
    """Escape the characters that are invisible or turn the direction of text.

    `astral` writes a character beyond U+FFFF as YAML does, which knows no pairs of escapes.
    """
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or one in _JOINERS or one == "\n" else _escape(one, astral=astral)
        for one in text
    )


def _escape(character: str, *, astral: bool) -> str:
    code = ord(character)
    if code > 0xFFFF and astral:
        return f"\\U{code:08X}"
    return json.dumps(character)[1:-1] if code > 0x7F else f"\\u{code:04x}"
