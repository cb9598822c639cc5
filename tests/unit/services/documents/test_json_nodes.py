import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.services.documents.json_nodes import read_json
from ibconsole.services.documents.nodes import MappingNode, Node, Scalar, ScalarKind, SequenceNode
from ibconsole.services.documents.problems import InvalidDocument, Position, Problems

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def plain(node: Node) -> object:
    """Return a node as Python's reader of JSON returns it."""
    if isinstance(node, MappingNode):
        return {name.text: plain(value) for name, value in node.members}
    if isinstance(node, SequenceNode):
        return [plain(one) for one in node.items]
    return node.text if node.kind is ScalarKind.TEXT else json.loads(node.text)


@settings(max_examples=25)
@given(VALUES, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_the_same_as_the_standard_reader(
    value: object, indent: int | str | None, ascii_only: bool
) -> None:
    """All JSON is read as others read it, with escapes or without, on any number of lines."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)

    assert plain(read_json(text, Problems("s"))) == value


def test_every_value_has_its_place() -> None:
    """A value knows its line, its column and its span."""
    text = '{"a":\r\n [null, "x"]}'
    root = read_json(text, Problems("s"))

    assert isinstance(root, MappingNode)
    items = root.members[0][1]
    assert isinstance(items, SequenceNode)
    assert (items.position, items.is_flow) == (Position(2, 2), True)
    last = items.items[1]
    assert last == Scalar("x", ScalarKind.TEXT, Position(2, 9), (15, 18))
    assert (text[slice(*last.span)], text[slice(*items.span)]) == ('"x"', '[null, "x"]')


@pytest.mark.parametrize(
    ("text", "place", "rule"),
    [
        ("", "1:1", "the file ends here"),
        ('{"a": 1', "1:8", '"," or "}" is missing'),
        ('{"a": 1,\n}', "2:1", 'no "," before "}"'),
        ("[1,]", "1:4", 'no "," before "]"'),
        ("[1 2]", "1:4", '"," or "]" is missing'),
        ("{a: 1}", "1:2", "a name in double quotes"),
        ('{"a" 1}', "1:6", '":" is missing'),
        ("[01]", "1:2", "no value of JSON"),
        ("[NaN]", "1:2", "no value of JSON"),
        ("[1 // x\n]", "1:4", '"," or "]"'),
        ("// x\n[]", "1:1", "no comments"),
        ("[] x", "1:4", "ends before this"),
        ('["a', "1:2", "no end"),
        ('["a\tb"]', "1:2", "control character"),
        ('["a\\x"]', "1:4", "no escape"),
        ('["\\ud83d"]', "1:2", "half of a character"),
        ("[" * 30, "1:21", "deeper than 20 levels"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(text: str, place: str, rule: str) -> None:
    """JSON is read strictly, and the first place that is wrong is named."""

    def read() -> None:
        problems = Problems("s")
        read_json(text, problems)
        problems.require_none()

    with pytest.raises(InvalidDocument) as raised:
        read()

    assert str(raised.value).startswith(f"s:{place}: ")
    assert rule in str(raised.value)


def test_the_number_of_values_is_bounded() -> None:
    """Millions of short values in a file of bounded size do not fill the memory."""
    problems = Problems("s", most_values=2)

    with pytest.raises(InvalidDocument, match="more than 2 values"):
        read_json('["a", "b"]', problems)
