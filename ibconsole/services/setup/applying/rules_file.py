"""Reading of a rules file, in YAML or JSON, with the place of everything that is wrong."""

from collections.abc import Iterator

from ibconsole.services.documents import (
    MappingNode,
    MemberReader,
    Node,
    Problems,
    Scalar,
    ScalarKind,
    SequenceNode,
    decode,
    read_nodes,
)
from ibconsole.services.setup.applying.rules import (
    BadRule,
    SetupRules,
    Substitution,
    substitution_of,
)


def read_rules(data: bytes, name: str) -> SetupRules:
    """Read a rules file; `name` is what errors call it. Raises InvalidDocument."""
    problems = Problems(name)
    reader = _RulesReader(problems)
    rules = reader.rules(read_nodes(decode(data, name), name, problems))
    problems.require_none()
    return rules


class _RulesReader:
    """Reads rules, and notes what is wrong; what it returns then is incomplete."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._reader = MemberReader(problems)

    def rules(self, root: Node) -> SetupRules:
        """Read the whole file."""
        members = self._reader.root(root, (), ("applications", "replace"))
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
            members = self._reader.members(item, "a rule", (), ("text", "pattern", "with"))
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

    def _text(self, node: Node, name: str) -> str:
        if isinstance(node, Scalar) and node.kind is ScalarKind.TEXT:
            return node.text
        self._problems.add(node.position, f"{name} has to be text: put it into quotes")
        return ""
