"""Reading of a rules file, in YAML or JSON, with the place of everything that is wrong."""

from collections.abc import Iterator

from ibconsole.services.setup.applying.rules import (
    BadRule,
    SetupRules,
    Substitution,
    substitution_of,
)
from ibconsole.services.setup.files import (
    MappingNode,
    Node,
    Problems,
    Scalar,
    ScalarKind,
    SequenceNode,
    decode,
    read_nodes,
)

_VERSION = "1"


def read_rules(data: bytes, name: str) -> SetupRules:
    """Read a rules file; `name` is what errors call it. Raises InvalidSetupFile."""
    problems = Problems(name)
    reader = _RulesReader(problems)
    rules = reader.rules(read_nodes(decode(data, name), name, problems))
    problems.require_none()
    return rules


class _RulesReader:
    """Reads rules, and notes what is wrong; what it returns then is incomplete."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def rules(self, root: Node) -> SetupRules:
        """Read the whole file."""
        members = self._members(root, "the file", ("version", "applications", "replace"))
        version = members.get("version")
        if version is None:
            self._problems.add(root.position, "version is missing: write `version: 1`")
        elif not isinstance(version, Scalar) or version.text.strip() != _VERSION:
            self._problems.add(version.position, f"version has to be {_VERSION}")
        return SetupRules(
            dict(self._names(members.get("applications"))),
            tuple(self._substitutions(members.get("replace"))),
        )

    def _names(self, node: Node | None) -> Iterator[tuple[str, str]]:
        if node is None:
            return
        if not isinstance(node, MappingNode):
            self._problems.add(node.position, "applications has to map old to new names")
            return
        seen = set()
        for old, new in node.members:
            if old.text in seen:
                self._problems.add(old.position, f"“{old.text}” is here twice")
            seen.add(old.text)
            yield old.text, self._text(new, "a name")

    def _substitutions(self, node: Node | None) -> Iterator[Substitution]:
        if node is None:
            return
        if not isinstance(node, SequenceNode):
            self._problems.add(node.position, "replace has to be a list of rules")
            return
        for item in node.items:
            members = self._members(item, "a rule", ("text", "pattern", "with"))
            chosen = [name for name in ("text", "pattern") if name in members]
            if not isinstance(item, MappingNode):
                continue
            if len(chosen) != 1 or "with" not in members:
                self._problems.add(item.position, "a rule has text or pattern, and with")
                continue
            old = self._text(members[chosen[0]], chosen[0])
            new = self._text(members["with"], "with")
            try:
                yield substitution_of(old, old, new, is_pattern=chosen[0] == "pattern")
            except BadRule as error:
                self._problems.add(item.position, str(error).rstrip("."))

    def _members(self, node: Node, owner: str, known: tuple[str, ...]) -> dict[str, Node]:
        if not isinstance(node, MappingNode):
            rule = f"{owner} has to be a mapping with {', '.join(known)}"
            self._problems.add(node.position, rule)
            return {}
        found: dict[str, Node] = {}
        for name, value in node.members:
            if name.text in found:
                self._problems.add(name.position, f"“{name.text}” is here twice")
            elif name.text not in known:
                rule = f"“{name.text}” is not known: {owner} has {', '.join(known)}"
                self._problems.add(name.position, rule)
            else:
                found[name.text] = value
        return found

    def _text(self, node: Node, name: str) -> str:
        if isinstance(node, Scalar) and node.kind is ScalarKind.TEXT:
            return node.text
        self._problems.add(node.position, f"{name} has to be text: put it into quotes")
        return ""
