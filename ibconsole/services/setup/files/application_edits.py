"""Edits of the applications in a YAML file, from what it says to what it is to say.

A value in braces or brackets is written anew as a whole; everything else is edited by its lines.
"""

from collections.abc import Iterable, Mapping, Sequence

from ibconsole.services.documents import (
    MappingNode,
    Node,
    Position,
    Scalar,
    SequenceNode,
    TextEdits,
    flow_text,
    item_lines,
    yaml_text,
)
from ibconsole.services.setup.files.values import (
    WantedAction,
    WantedApplication,
    WantedConfiguration,
)
from ibconsole.services.setup.files.writing import (
    FIELDS,
    action_lines,
    action_object,
    application_lines,
    application_object,
    configuration_lines,
    configuration_object,
    meaning_of,
    meaning_of_configuration,
)

_STEP = 2  # columns by which new lines are indented


def edit_applications(
    edits: TextEdits,
    root: Node,
    before: Sequence[WantedApplication],
    after: Sequence[tuple[int | None, WantedApplication]],
) -> bool:
    """Edit a file that says `before` to say `after`: applications with their numbers before.

    Returns whether that is possible: not in braces, and not where a comment would be lost.
    """
    if not isinstance(root, MappingNode) or root.is_flow:
        return False
    name, node = next(one for one in root.members if one[0].text == "applications")
    editor = _Editor(edits)
    kept = {number: one for number, one in after if number is not None}
    added = [application_lines(one) for number, one in after if number is None]
    if not isinstance(node, SequenceNode) or (node.is_flow and node.items):
        return False
    # What belongs to the last application comes before what is added after it.
    for number, one in kept.items():
        editor.application(node.items[number], before[number], one)
    editor.items(name, node, [number in kept for number in range(len(before))], added)
    return editor.is_possible


class _Editor:
    def __init__(self, edits: TextEdits) -> None:
        self._edits = edits
        self.is_possible = True

    def items(
        self,
        name: Scalar,
        node: SequenceNode,
        stays: Sequence[bool],
        added: Sequence[Iterable[str]],
    ) -> None:
        """Remove the items of a list that do not stay, and add others after the last one."""
        if node.is_flow:
            self._open_block(name, node, added)
            return
        column = node.position.column
        if not any(stays) and not added:
            self._edits.replace((self._edits.after_colon(name),) * 2, " []")
        for item, is_kept in zip(node.items, stays, strict=True):
            if not is_kept:
                self._edits.remove_lines(self._item_lines(node, item), column)
        end = self._edits.line_end(max(node.span[1] - 1, 0))
        for lines in added:
            self._edits.insert_lines(end, column, item_lines(lines))

    def application(self, node: Node, old: WantedApplication, new: WantedApplication) -> None:
        """Edit one application."""
        if meaning_of(old) == meaning_of(new) or not isinstance(node, MappingNode):
            return
        if node.is_flow:
            self._rewrite(node, application_object(new))
            return
        name, value = _members(node)["configuration"]
        column = node.position.column + _STEP
        if new.configuration is None and old.configuration is not None:
            self._close(name, value, "null")
        elif new.configuration is not None and isinstance(value, MappingNode):
            self._configuration(value, old.configuration, new.configuration)
        elif new.configuration is not None:
            self._open(name, value, column, configuration_lines(new.configuration))
        self._fields(node, {"name": new.name, "id": new.id, "code": new.code})

    def _configuration(
        self, node: MappingNode, old: WantedConfiguration | None, new: WantedConfiguration
    ) -> None:
        if node.is_flow:
            if meaning_of_configuration(old) == meaning_of_configuration(new):
                return
            self._rewrite(node, configuration_object(new))
            return
        name, actions = _members(node)["actions"]
        if not isinstance(actions, SequenceNode):
            return
        wanted = {one.position: one for one in new.actions if one.position != Position()}
        added = [action_lines(one) for one in new.actions if one.position == Position()]
        stays = [item.position in wanted for item in actions.items]
        if actions.is_flow and actions.items:
            if not all(stays) or added or any(map(self._differs, actions.items, wanted.values())):
                self._rewrite(actions, configuration_object(new)["actions"])
        else:
            for item in actions.items:
                if item.position in wanted:
                    self._action(actions, item, wanted[item.position])
            self.items(name, actions, stays, added)
        self._fields(node, {"key": new.key})

    def _action(self, sequence: SequenceNode, node: Node, new: WantedAction) -> None:
        if not isinstance(node, MappingNode) or not self._differs(node, new):
            return
        fields = action_object(new)
        if node.is_flow:
            self._rewrite(node, fields)
            return
        if not fields.get(node.members[0][0].text):  # it stands in the line of the dash
            start, end = self._item_lines(sequence, node)
            self._edits.remove_lines((start, end), sequence.position.column)
            self._edits.insert_lines(end, sequence.position.column, item_lines(action_lines(new)))
            return
        self._fields(node, {name: fields.get(name, "") for name in FIELDS})

    def _fields(self, node: MappingNode, wanted: Mapping[str, str]) -> None:
        """Give a mapping in lines these texts; an empty one is none."""
        members = _members(node)
        added = []
        for field, text in wanted.items():
            name, value = members.get(field, (None, None))
            if not isinstance(value, Scalar) or name is None:
                added += [f"{field}: {yaml_text(text)}"] if text else []
            elif text and text != value.text:
                self._replace(value, text)
            elif not text and value.text:
                lines = self._edits.lines_of((name.span[0], value.span[1]))
                self._edits.remove_lines(lines, node.position.column)
        if added:
            _, last = members.get("name") or node.members[-1]
            end = self._edits.line_end(max(last.span[1] - 1, 0))
            self._edits.insert_lines(end, node.position.column, added)

    def _replace(self, value: Scalar, text: str) -> None:
        written = yaml_text(text)
        if value.is_block:  # its comment follows | or >
            comments = self._edits.comments(value.span)
            written = "  ".join([written, *comments]) + self._edits.newline
        self._edits.replace(value.span, written)

    def _rewrite(self, node: Node, value: object) -> None:
        if self._edits.comments(node.span):
            self.is_possible = False
        self._edits.replace(node.span, flow_text(value))

    def _open_block(self, name: Scalar, node: SequenceNode, added: Sequence[Iterable[str]]) -> None:
        """Turn [] into a list in lines."""
        lines = [line for one in added for line in item_lines(one)]
        if lines:
            self._open(name, node, name.position.column + _STEP, lines)

    def _open(self, name: Scalar, value: Node, column: int, lines: Iterable[str]) -> None:
        """Turn a value in the line of its name into lines below it."""
        start = self._edits.after_colon(name)
        end = max(start, value.span[1])  # an empty value has the place of its name
        if self._edits.comments((start, end)):
            self.is_possible = False
        self._edits.replace((start, end), "")
        self._edits.insert_lines(self._edits.line_end(end), column, lines)

    def _close(self, name: Scalar, value: Node, text: str) -> None:
        """Turn a value into a text in the line of its name."""
        start = self._edits.after_colon(name)
        first = self._edits.line_end(start)
        if value.span[0] < first:
            self._edits.replace(value.span, text)
            return
        self._edits.replace((start, start), f" {text}")
        end = self._edits.line_end(max(value.span[1] - 1, 0))
        self._edits.remove_lines((first, end), name.position.column + _STEP)

    def _differs(self, node: Node, new: WantedAction) -> bool:
        values = {name: value for name, (_, value) in _members(node).items()}
        texts = {name: one.text for name, one in values.items() if isinstance(one, Scalar)}
        return {name: text for name, text in texts.items() if text} != action_object(new)

    def _item_lines(self, sequence: SequenceNode, item: Node) -> tuple[int, int]:
        return self._edits.lines_of((self._edits.dash_of(sequence, item), item.span[1]))


def _members(node: Node) -> dict[str, tuple[Scalar, Node]]:
    members = node.members if isinstance(node, MappingNode) else ()
    return {name.text: (name, value) for name, value in members}
