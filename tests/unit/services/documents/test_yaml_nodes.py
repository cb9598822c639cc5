import pytest

from ibconsole.services.documents.nodes import MappingNode, Node, Scalar, ScalarKind, SequenceNode
from ibconsole.services.documents.problems import InvalidDocument, Position, Problems
from ibconsole.services.documents.yaml_nodes import read_yaml


def read(text: str) -> Node | None:
    problems = Problems("s")
    node = read_yaml(text, problems)
    problems.require_none()
    return node


@pytest.mark.parametrize(
    ("plain", "kind"),
    [
        ("yes", ScalarKind.TEXT),
        ("on", ScalarKind.TEXT),
        ("No", ScalarKind.TEXT),
        ("2017-01-05", ScalarKind.TEXT),
        ("1:30", ScalarKind.TEXT),
        ("010_0", ScalarKind.TEXT),
        ("'true'", ScalarKind.TEXT),
        ('"1"', ScalarKind.TEXT),
        ("true", ScalarKind.BOOLEAN),
        ("FALSE", ScalarKind.BOOLEAN),
        ("null", ScalarKind.NULL),
        ("~", ScalarKind.NULL),
        ("", ScalarKind.NULL),
        ("1", ScalarKind.NUMBER),
        ("-0.5e3", ScalarKind.NUMBER),
        ("0x1F", ScalarKind.NUMBER),
        (".inf", ScalarKind.NUMBER),
    ],
)
def test_scalars_are_those_of_yaml_1_2(plain: str, kind: ScalarKind) -> None:
    """A name like `yes` is text, as it is in JSON; YAML 1.1 made it true."""
    root = read(f"a: {plain}\n")

    assert isinstance(root, MappingNode)
    value = root.members[0][1]
    assert isinstance(value, Scalar)
    assert value.kind is kind


def test_spans_end_where_the_content_ends() -> None:
    """A comment after a value is no part of it, however the value is written."""
    text = "# top\na: [1, 2] # one\nb:\n- |\n  x\n- 'y' # two\n\n# end\n"
    root = read(text)

    assert isinstance(root, MappingNode)
    (_, flow), (_, block) = root.members
    assert isinstance(flow, SequenceNode)
    assert isinstance(block, SequenceNode)
    assert text[slice(*root.span)] == text[6 : text.index(" # two")]
    assert text[slice(*flow.span)] == "[1, 2]"
    assert [text[slice(*one.span)] for one in block.items] == ["|\n  x\n", "'y'"]
    assert [one.is_block for one in block.items if isinstance(one, Scalar)] == [True, False]
    assert (flow.is_flow, block.is_flow, block.position) == (True, False, Position(4, 1))


def test_an_empty_value_stands_where_its_name_does() -> None:
    """The place of an error is not a line that is right."""
    root = read("a:\nb: 1\n")

    assert isinstance(root, MappingNode)
    assert root.members[0][1] == Scalar("", ScalarKind.NULL, Position(1, 1), (1, 1))


def test_halves_of_characters_are_joined() -> None:
    """JSON writes an emoji as two escapes, and JSON is YAML."""
    root = read('"\\ud83d\\ude00"')

    assert isinstance(root, Scalar)
    assert root.text == "😀"


@pytest.mark.parametrize("text", ["", "# only a comment\n", "\n\n"])
def test_nothing_is_no_document(text: str) -> None:
    """A file without a value is not the same as one with a null."""
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "place", "rule"),
    [
        ("a: &x 1", "1:4", "an anchor"),
        ("a: *x", "1:4", "an alias"),
        ("a: !!str 1", "1:4", "a tag"),
        ("a: !x [1]", "1:4", "a tag"),
        ("<<: {}", "1:1", "a merge key"),
        ("? [a]\n: b", "1:3", "a name has to be text"),
        ("a: 1\n---\nb: 2", "2:1", "a second document"),
        ("%YAML 1.1\n---\na: 1", "2:1", "a directive"),
        ("%TAG ! tag:x,2000:\n---\na: 1", "2:1", "a directive"),
        ("%YAML 1.9\n---\na: 1", "1:1", "no YAML after here"),
        ("[" * 30, "1:21", "deeper than 20 levels"),
        ("- " * 30 + "a", "1:41", "deeper than 20 levels"),
        ("a:\n\tb: 1", "2:1", "a tab"),
        ("a: b: c", "1:5", '":" is not allowed here'),
        ("a:\n  b: 1\n c: 2", "3:2", "indentation"),
        ("a: 'b", "1:6", "no end"),
        ("a: [1", "1:6", "is missing"),
        ('a: "\\q"', "1:6", "no escape"),
        ("a: @b", "1:4", "this is no YAML"),
        ('a: "\\U00110000"', "1:1", "no YAML after here"),
        ('a: "\\UFFFFFFFF"', "1:1", "no YAML after here"),
        ('a: "\\ud83d"', "1:4", "half of a character"),
        ("a: b\0", "1:5", "U+0000"),
        ("a: b\x1b", "1:5", "U+001B"),
        ("a:\n  b\ufeff", "2:4", "U+FEFF"),
    ],
)
def test_what_is_no_safe_yaml_is_refused_with_its_place(text: str, place: str, rule: str) -> None:
    """Nothing of YAML that can multiply, hide or convert values is read."""
    with pytest.raises(InvalidDocument) as raised:
        read(text)

    assert str(raised.value).startswith(f"s:{place}: ")
    assert rule in str(raised.value)


def test_the_number_of_values_is_bounded() -> None:
    """Millions of short values in a file of bounded size do not fill the memory."""
    problems = Problems("s", most_values=2)

    with pytest.raises(InvalidDocument, match="more than 2 values"):
        read_yaml("- a\n- b\n", problems)
