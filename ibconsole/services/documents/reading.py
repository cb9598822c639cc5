"""Reading of a document: its bytes as text, its text as nodes, and the members of nodes.

What a file means is its format's business: this knows how files are written, and what is wrong
with the way one is.
"""

import codecs
import re
from collections.abc import Iterable, Mapping
from math import isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.services.documents.json_nodes import read_json
from ibconsole.services.documents.nodes import MappingNode, Node, Scalar, ScalarKind, SequenceNode
from ibconsole.services.documents.problems import (
    DocumentProblem,
    InvalidDocument,
    Lines,
    Position,
    Problems,
)
from ibconsole.text import escape_invisible

if TYPE_CHECKING:
    from ibconsole.services.documents import yaml_nodes
else:  # with the parser, which JSON does not need
    yaml_nodes = LazyModule("ibconsole.services.documents.yaml_nodes")

LARGEST = 8 << 20  # bytes of a file
VERSION = "1"  # of each format, until one of them changes

_BOMS = (  # the longer ones first: that of UTF-16 is the beginning of that of UTF-32
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The first four bytes of a text that begins with ASCII characters: 1 where they are zero.
_BY_ZEROS = {
    b"\0\1\1\1": "utf-32-le",
    b"\1\1\1\0": "utf-32-be",
    b"\0\1\0\1": "utf-16-le",
    b"\1\0\1\0": "utf-16-be",
}
_JSON_NAME = re.compile(r"(?i).*\.jsonc?")
_YAML_NAME = re.compile(r"(?i).*\.ya?ml")
_JSON_START = re.compile(r'[ \t\r\n]*(?:\[|\{[ \t\r\n]*["}])')
_LONGEST_SHOWN = 60
_DECIMAL = re.compile(
    r"[-+]?(?:[0-9]{1,20}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,3})?"
)
_WHOLE = re.compile(r"[-+]?[0-9]{1,15}")
_NO_HINTS: Mapping[str, str] = MappingProxyType({})


def decode(data: bytes, name: str, *, largest: int = LARGEST) -> str:
    """Return the text of a file, in any encoding of Unicode, without a byte order mark.

    Raises InvalidDocument at the first bytes that are no text, or another UserError if the file is
    too large.
    """
    if len(data) > largest:
        raise UserError(
            f"{name} is larger than {largest >> 20} MiB, the most that is read: make it smaller, or"
            " split it into several files. Nothing was changed."
        )
    mark, encoding = next((one for one in _BOMS if data.startswith(one[0])), (b"", ""))
    zeros = [byte == 0 for byte in data[:4]]
    encoding = encoding or _BY_ZEROS.get(bytes(zeros), "utf-8")
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        before = data[len(mark) : len(mark) + error.start].decode(encoding, "replace")
        rule = f"this is no text in {encoding.upper()}: save the file as UTF-8"
        position = Lines(before).position(len(before))
        raise InvalidDocument(name, [DocumentProblem(position, rule)]) from None


def is_json(text: str, name: str) -> bool:
    """Return whether a file is JSON, by its name or else by how it begins."""
    if _JSON_NAME.fullmatch(name):
        return True
    return not _YAML_NAME.fullmatch(name) and bool(_JSON_START.match(text))


def read_nodes(text: str, name: str, problems: Problems) -> Node:
    """Return the structure of a file. Raises InvalidDocument if it has none."""
    if not text.strip("\ufeff \t\r\n"):
        raise problems.end(Position(1, 1), "the file is empty: it begins with `version: 1`")
    if is_json(text, name):
        return read_json(text, problems)
    node = yaml_nodes.read_yaml(text, problems)
    if node is None:
        raise problems.end(Position(1, 1), "the file has only comments: it needs `version: 1`")
    return node


class MemberReader:
    """Reads members of nodes, and notes what breaks a rule; what it returns then is incomplete."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems

    def members(
        self,
        node: Node,
        owner: str,
        required: Iterable[str],
        optional: Iterable[str] = (),
        hints: Mapping[str, str] = _NO_HINTS,
    ) -> dict[str, Node]:
        """Return the members of a mapping by their names; note those that are not known.

        A hint says what to write where a required member is missing.
        """
        listed = ", ".join([*required, *optional])
        if not isinstance(node, MappingNode):
            names = ", ".join(required) or listed
            self.problems.add(node.position, f"{owner} has to be a mapping with {names}")
            return {}
        known = {*required, *optional}
        found: dict[str, Node] = {}
        for name, value in node.members:
            if name.text in found:
                self.problems.add(name.position, f"{shown_name(name.text)} is here twice")
            elif name.text not in known:
                rule = f"{shown_name(name.text)} is not known: {owner} has {listed}"
                self.problems.add(name.position, rule)
            else:
                found[name.text] = value
        for missing in required:
            if missing not in found:
                self.problems.add(node.position, f"{missing} is missing{hints.get(missing, '')}")
        return found

    def root(
        self,
        node: Node,
        required: Iterable[str],
        optional: Iterable[str] = (),
        hints: Mapping[str, str] = _NO_HINTS,
    ) -> dict[str, Node]:
        """Return the members of the file itself, whose version is checked first.

        Raises InvalidDocument if it is a later format, whose rules are not known.
        """
        names = ("version", *required)
        hints = {"version": f": write `version: {VERSION}`", **hints}
        found = self.members(node, "the file", names, optional, hints)
        version = found.get("version")
        if version and not _is_number(version, VERSION):
            self.problems.add(version.position, f"version has to be {VERSION}")
            if _is_number(version):
                self.problems.require_none()
        return found

    def items(self, node: Node | None, owner: str) -> tuple[Node, ...]:
        """Return the items of a list; none where there is no list."""
        if isinstance(node, SequenceNode):
            return node.items
        if node:
            self.problems.add(node.position, f"{owner} has to be a list, [] for none")
        return ()

    def text(self, members: Mapping[str, Node], name: str) -> str:
        """Return the text of a member; "" if it is missing, or is no text."""
        node = members.get(name)
        if node is None:
            return ""
        if isinstance(node, Scalar) and node.kind is ScalarKind.TEXT:
            return node.text
        if isinstance(node, Scalar):
            rule = f"{name} has to be text, not {node.kind.value}"
            rule += "" if node.kind is ScalarKind.NULL else ": put it into quotes"
        else:
            rule = f"{name} has to be text"
        self.problems.add(node.position, rule)
        return ""

    def number(self, members: Mapping[str, Node], name: str, default: float) -> float:
        """Return the decimal number of a member; the default if it is missing, or is none."""
        node = members.get(name)
        if node is None:
            return default
        if _is_number(node) and _DECIMAL.fullmatch(text := _text_of(node)):
            number = float(text)
            if isfinite(number):
                return number
        self.problems.add(node.position, f"{name} has to be a decimal number")
        return default

    def whole_number(
        self, members: Mapping[str, Node], name: str, default: int | None = None
    ) -> int | None:
        """Return the whole number of a member; the default if it is missing, or is none."""
        node = members.get(name)
        if node is None:
            return default
        if _is_number(node) and _WHOLE.fullmatch(text := _text_of(node)):
            return int(text)
        self.problems.add(node.position, f"{name} has to be a whole number")
        return default


def _text_of(node: Node) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _is_number(node: Node, text: str = "") -> bool:
    """Return whether a node is a number, and this one if it is given."""
    if not isinstance(node, Scalar) or node.kind is not ScalarKind.NUMBER:
        return False
    return not text or node.text.strip() == text


def shown_name(name: str) -> str:
    """Return a name of a file as sentences show it: a long one is cut."""
    return f"“{escape_invisible(name[:_LONGEST_SHOWN])}”"
