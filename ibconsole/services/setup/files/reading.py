"""Reading of a setup file: its bytes, its structure, and the rules of its contents.

A file is understood as a whole or not at all. All problems that can be found are reported at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ibconsole.model import ActionDraft
from ibconsole.secret import MASK
from ibconsole.services.documents import (
    MemberReader,
    Node,
    Problems,
    Scalar,
    ScalarKind,
    decode,
    read_nodes,
)
from ibconsole.services.setup.files.values import (
    SetupFile,
    WantedAction,
    WantedApplication,
    WantedConfiguration,
)

_HINTS = {"configuration": ": write null if the application is to have none"}


def read_setup_file(data: bytes, name: str) -> SetupFile:
    """Read a setup file in YAML or JSON; `name` is what errors call it.

    Raises InvalidDocument with some twenty problems at most, or another UserError if the file is
    too large.
    """
    text = decode(data, name)
    problems = Problems(name)
    return SetupFile(name, read_contents(read_nodes(text, name, problems), problems))


def read_contents(root: Node, problems: Problems) -> tuple[WantedApplication, ...]:
    """Return the applications that a structure describes. Raises InvalidDocument."""
    applications = _ContentsReader(problems).applications(root)
    problems.require_none()
    return applications


class _ContentsReader:
    """Reads the applications, and notes what breaks a rule; what it returns then is incomplete."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._reader = MemberReader(problems)

    def applications(self, root: Node) -> tuple[WantedApplication, ...]:
        members = self._reader.root(root, ("applications",), ("$schema",))
        self._reader.text(members, "$schema")
        items = self._reader.items(members.get("applications"), "applications")
        found = tuple(map(self._application, items))
        self._check_duplicates(found)
        return found

    def _application(self, node: Node) -> WantedApplication:
        required, optional = ("name", "configuration"), ("id", "code")
        members = self._reader.members(node, "an application", required, optional, _HINTS)
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
        members = self._reader.members(node, "configuration", ("actions",), ("key",))
        items = self._reader.items(members.get("actions"), "actions")
        actions = tuple(map(self._action, items))
        return WantedConfiguration(actions, self._reader.text(members, "key"), node.position)

    def _action(self, node: Node) -> WantedAction:
        optional = ("forwardUrl", "callbackData", "key")
        members = self._reader.members(node, "an action", ("type",), optional)
        draft = ActionDraft(
            type=self._plain(members, "type"),
            forward_url=self._reader.text(members, "forwardUrl"),
            callback_data=self._reader.text(members, "callbackData"),
        )
        return WantedAction(draft, self._reader.text(members, "key"), node.position)

    def _plain(self, members: Mapping[str, Node], name: str) -> str:
        text = self._reader.text(members, name)
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


def _is_empty_text(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.kind is ScalarKind.TEXT and not node.text
