from ibconsole.services.documents.nodes import MappingNode, SequenceNode
from ibconsole.services.documents.problems import Problems
from ibconsole.services.documents.text_edits import TextEdits
from ibconsole.services.documents.yaml_nodes import read_yaml

TEXT = "a:  # one\n- |  # two\n  # text\n- # three\n  b: 'x # y'   # four\n# five"


def opened(text: str = TEXT) -> tuple[TextEdits, MappingNode]:
    root = read_yaml(text, Problems("s"))
    assert isinstance(root, MappingNode)
    return TextEdits(text, root), root


def test_comments_are_distinguished_from_texts() -> None:
    """A number sign in a text begins no comment, whichever way the text is written."""
    edits, _ = opened()

    assert edits.comments((0, len(TEXT))) == ["# one", "# two", "# three", "# four", "# five"]


def test_the_dash_of_an_item_may_stand_above_it() -> None:
    """An item is removed with its dash."""
    edits, root = opened()
    sequence = root.members[0][1]
    assert isinstance(sequence, SequenceNode)

    places = [edits.dash_of(sequence, item) for item in sequence.items]

    assert places == [TEXT.index("- |"), TEXT.index("- # three")]


def test_edits_take_effect_together() -> None:
    """Each edit is given in places of the text before, and lines end as they did."""
    edits, root = opened(TEXT.replace("\n", "\r\n"))
    last = edits.line_end(10_000)
    edits.insert_lines(last, 3, ["c: 1", "d: 2"])
    edits.remove_lines(edits.lines_of(root.members[0][1].span), 2)
    edits.replace(root.members[0][0].span, "z")
    edits.insert_lines(last, 1, ["e: 3"])

    assert edits.result == (
        "z:  # one\r\n # two\r\n # three\r\n # four\r\n# five\r\n  c: 1\r\n  d: 2\r\ne: 3"
    )
    assert edits.after_colon(root.members[0][0]) == 2
