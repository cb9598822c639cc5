import pytest

from ibconsole.services.documents.writing import flow_text, item_lines, json_document, yaml_text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Shop 1", "Shop 1"),
        ("https://h/in?a=1&b=%20#f", "https://h/in?a=1&b=%20#f"),
        ("Größe", "Größe"),
        ("Školjka", "Školjka"),
        ("١٢", '"١٢"'),
        ("_", '"_"'),
        ("yes", '"yes"'),
        ("OFF", '"OFF"'),
        ("null", '"null"'),
        ("1e3", '"1e3"'),
        ("", '""'),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        ("a:", '"a:"'),
        ("a ", '"a "'),
        ("- a", '"- a"'),
        ("a\u202eb", '"a\\u202eb"'),
        ("a\x7f\x85b", '"a\\u007f\\u0085b"'),
        ("👩\u200d👧", '"👩\u200d👧"'),
        ("a\U000e0001", '"a\\U000E0001"'),
    ],
)
def test_texts_in_yaml(text: str, written: str) -> None:
    """A text stands in quotes if any reader could take it for something else, or not see it."""
    assert yaml_text(text) == written
    assert yaml_text('{"a": "it\'s"}') == """'{"a": "it\'\'s"}'"""
    assert yaml_text('a"\n') == '"a\\"\\n"'
    assert flow_text([text]) == f"[{written}]" if '"' in written else f'["{written}"]'


def test_json_is_readable_and_hides_nothing() -> None:
    """Each member has a line of its own, and invisible characters are escapes."""
    assert json_document({"a": ["ö\u202e"]}).decode() == ('{\n  "a": [\n    "ö\\u202e"\n  ]\n}\n')


def test_an_item_of_a_list() -> None:
    """The lines of a mapping stand under its dash."""
    assert list(item_lines(["a: 1", "b: 2"])) == ["- a: 1", "  b: 2"]
