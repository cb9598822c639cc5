"""Reading of a setup file: its bytes, its structure, and the rules of its contents.

A file is understood as a whole or not at all. All problems that can be found are reported at once.
"""

import codecs
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.model import ActionDraft
from ibconsole.secret import MASK
from ibconsole.services.setup.files.json_nodes import read_json
from ibconsole.services.setup.files.nodes import (
    Lines,
    MappingNode,
    Node,
    Problems,
    Scalar,
    ScalarKind,
    SequenceNode,
)
from ibconsole.services.setup.files.values import (
    InvalidSetupFile,
    Position,
    SetupFile,
    SetupProblem,
    WantedAction,
    WantedApplication,
    WantedConfiguration,
)
from ibconsole.text import escape_invisible

if TYPE_CHECKING:
    from ibconsole.services.setup.files import yaml_nodes
else:  # with the parser, which JSON does not need
    yaml_nodes = LazyModule("ibconsole.services.setup.files.yaml_nodes")

LARGEST = 8 << 20  # bytes of a file
VERSION = "1"

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
_HINTS = {
    "version": ": write `version: 1`",
    "configuration": ": write null if the application is to have none",
}


def read_setup_file(data: bytes, name: str) -> SetupFile:
    """Read a setup file in YAML or JSON; `name` is what errors call it.

    Raises InvalidSetupFile with some twenty problems at most, or another UserError if the file is
    too large.
    """
    text = decode(data, name)
    problems = Problems(name)
    return SetupFile(name, read_contents(read_nodes(text, name, problems), problems))


def decode(data: bytes, name: str) -> str:
    """Return the text of a file, in any encoding of Unicode, without a byte order mark.

    Raises InvalidSetupFile at the first bytes that are no text.
    """
    if len(data) > LARGEST:
        raise UserError(
            f"{name} is larger than {LARGEST >> 20} MiB, the most that is read: split it into"
            " several files. Nothing was changed."
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
        raise InvalidSetupFile(name, [SetupProblem(position, rule)]) from None


def is_json(text: str, name: str) -> bool:
    """Return whether a file is JSON, by its name or else by how it begins."""
    if _JSON_NAME.fullmatch(name):
        return True
    return not _YAML_NAME.fullmatch(name) and bool(_JSON_START.match(text))


def read_nodes(text: str, name: str, problems: Problems) -> Node:
    """Return the structure of a file. Raises InvalidSetupFile if it has none."""
    if not text.strip("\ufeff \t\r\n"):
        raise problems.end(Position(1, 1), "the file is empty: it begins with `version: 1`")
    if is_json(text, name):
        return read_json(text, problems)
    node = yaml_nodes.read_yaml(text, problems)
    if node is None:
        raise problems.end(Position(1, 1), "the file has only comments: it needs `version: 1`")
    return node


def read_contents(root: Node, problems: Problems) -> tuple[WantedApplication, ...]:
    """Return the applications that a structure describes. Raises InvalidSetupFile."""
    applications = _ContentsReader(problems).applications(root)
    problems.require_none()
    return applications


class _ContentsReader:
    """Reads the applications, and notes what breaks a rule; what it returns then is incomplete."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def applications(self, root: Node) -> tuple[WantedApplication, ...]:
        members = self._members(root, "the file", ("version", "applications"), ("$schema",))
        version = members.get("version")
        if version and not _is_version(version):
            self._problems.add(version.position, f"version has to be {VERSION}")
            if isinstance(version, Scalar) and version.kind is ScalarKind.NUMBER:
                self._problems.require_none()  # a later format, perhaps: its rules are not known
        if "$schema" in members:
            self._text(members, "$schema")
        items = self._items(members.get("applications"), "applications")
        found = tuple(map(self._application, items))
        self._check_duplicates(found)
        return found

    def _application(self, node: Node) -> WantedApplication:
        required, optional = ("name", "configuration"), ("id", "code")
        members = self._members(node, "an application", required, optional)
        name, identity, code = (self._plain(members, one) for one in ("name", "id", "code"))
        if _is_empty_text(members.get("name")) and not identity and not code:
            self._problems.add(members["name"].position, "name is empty, and there is no id")
        configuration = members.get("configuration")
        return WantedApplication(
            name,
            self._configuration(configuration) if configuration else None,
            identity,
            code,
            node.position,
        )

    def _configuration(self, node: Node) -> WantedConfiguration | None:
        if isinstance(node, Scalar) and node.kind is ScalarKind.NULL:
            return None
        members = self._members(node, "configuration", ("actions",), ("key",))
        items = self._items(members.get("actions"), "actions")
        actions = tuple(map(self._action, items))
        return WantedConfiguration(actions, self._text(members, "key"), node.position)

    def _action(self, node: Node) -> WantedAction:
        optional = ("forwardUrl", "callbackData", "key")
        members = self._members(node, "an action", ("type",), optional)
        draft = ActionDraft(
            type=self._plain(members, "type"),
            forward_url=self._text(members, "forwardUrl"),
            callback_data=self._text(members, "callbackData"),
        )
        return WantedAction(draft, self._text(members, "key"), node.position)

    def _members(
        self, node: Node, owner: str, required: Iterable[str], optional: Iterable[str]
    ) -> dict[str, Node]:
        """Return the members of a mapping by their names; note those that are not known."""
        if not isinstance(node, MappingNode):
            names = ", ".join(required)
            self._problems.add(node.position, f"{owner} has to be a mapping with {names}")
            return {}
        known = {*required, *optional}
        found: dict[str, Node] = {}
        for name, value in node.members:
            if name.text in found:
                self._problems.add(name.position, f"{_shown(name)} is here twice")
            elif name.text not in known:
                listed = ", ".join([*required, *optional])
                rule = f"{_shown(name)} is not known: {owner} has {listed}"
                self._problems.add(name.position, rule)
            else:
                found[name.text] = value
        for missing in required:
            if missing not in found:
                self._problems.add(node.position, f"{missing} is missing{_HINTS.get(missing, '')}")
        return found

    def _items(self, node: Node | None, owner: str) -> tuple[Node, ...]:
        if isinstance(node, SequenceNode):
            return node.items
        if node:
            self._problems.add(node.position, f"{owner} has to be a list, [] for none")
        return ()

    def _text(self, members: Mapping[str, Node], name: str) -> str:
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
        self._problems.add(node.position, rule)
        return ""

    def _plain(self, members: Mapping[str, Node], name: str) -> str:
        text = self._text(members, name)
        if MASK in text:
            self._problems.add(members[name].position, f"{name} is masked, which it cannot be")
        return text

    def _check_duplicates(self, applications: Iterable[WantedApplication]) -> None:
        """Note entries that may stand for one application: which of them counts is not clear."""
        by_name = defaultdict(list)
        seen: dict[tuple[str, str], WantedApplication] = {}
        for one in applications:
            if one.name:
                by_name[one.name].append(one)
            for field in (("id", one.id), ("code", one.code)):
                if field[1] and (first := seen.setdefault(field, one)) is not one:
                    self._add_duplicate(one, first)
        for first, *others in by_name.values():
            same = [first, *others]
            if not all(one.id for one in same) and not all(one.code for one in same):
                for other in others:
                    self._add_duplicate(other, first)

    def _add_duplicate(self, one: WantedApplication, first: WantedApplication) -> None:
        place = f"line {first.position.line}"
        rule = f"a second entry for an application; the first is {first.label} in {place}"
        self._problems.add(one.position, rule)


def _is_version(node: Node) -> bool:
    return (
        isinstance(node, Scalar) and node.kind is ScalarKind.NUMBER and node.text.strip() == VERSION
    )


def _is_empty_text(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.kind is ScalarKind.TEXT and not node.text


def _shown(name: Scalar) -> str:
    return f"“{escape_invisible(name.text[:_LONGEST_SHOWN])}”"
