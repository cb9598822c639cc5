import codecs

import pytest

from ibconsole.errors import UserError
from ibconsole.services.documents.nodes import MappingNode, Node
from ibconsole.services.documents.problems import InvalidDocument, Problems
from ibconsole.services.documents.reading import (
    LARGEST,
    MemberReader,
    decode,
    is_json,
    read_nodes,
    shown_name,
)


def nodes_of(data: str | bytes, name: str = "s") -> Node:
    data = data if isinstance(data, bytes) else data.encode()
    return read_nodes(decode(data, name), name, Problems(name))


def problems_of(data: str | bytes) -> list[str]:
    with pytest.raises(InvalidDocument) as raised:
        nodes_of(data)
    return str(raised.value).splitlines()


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-32-le", codecs.BOM_UTF32_LE),
        ("utf-32-be", codecs.BOM_UTF32_BE),
        ("utf-8", b""),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-32-le", b""),
        ("utf-32-be", b""),
    ],
)
@pytest.mark.parametrize("text", ["a: Größe\n", '{"a":\r\n"Größe"}'])
def test_every_encoding_of_unicode(encoding: str, mark: bytes, text: str) -> None:
    """Editors and shells of all systems write files that can be read, marked or not."""
    assert decode(mark + text.encode(encoding), "stdin") == text


def test_bytes_that_are_no_text() -> None:
    """The first byte that no encoding explains has a line and a column."""
    rule = "this is no text in UTF-8: save the file as UTF-8"
    assert problems_of("version: 1\n# Grö".encode() + b"\xdfe\n") == [f"s:2:6: {rule}"]
    assert problems_of(codecs.BOM_UTF16_LE + b"a\0\n\0\0\xd8") == [
        "s:2:1: this is no text in UTF-16-LE: save the file as UTF-8"
    ]


@pytest.mark.parametrize("data", [b"", b"\n \r\n\t", codecs.BOM_UTF8, b"# only a comment\n"])
def test_an_empty_file_says_nothing(data: bytes) -> None:
    """An empty file is no file that says nothing: something has gone wrong with it."""
    assert problems_of(data)[0].endswith("`version: 1`")


def test_a_file_that_is_too_large() -> None:
    """A file of any size costs a bounded time."""
    with pytest.raises(UserError, match="s is larger than 8 MiB"):
        decode(b" " * (LARGEST + 1), "s")


def test_the_format_is_known_by_name_or_beginning() -> None:
    """A name that says YAML or JSON decides; else only quotes after a brace mean JSON."""
    assert is_json("a: 1", "s.JSON")
    assert is_json(' {"a": 1}', "stdin")
    assert not is_json('{"a": 1}', "s.yml")
    assert not is_json("{a: 1}", "stdin")


def read_root(text: str) -> tuple[dict[str, str], list[str]]:
    """Return the texts of a file with a name and perhaps a note, and its problems."""
    problems = Problems("s")
    reader = MemberReader(problems)
    try:
        members = reader.root(nodes_of(text), ("name",), ("note", "list"))
        found = {name: reader.text(members, name) for name in ("name", "note")}
        reader.items(members.get("list"), "list")
        problems.require_none()
    except InvalidDocument as error:
        return {}, str(error).splitlines()
    return found, []


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("version: 1\nname: n\nlist: [1]", []),
        ("7", ["s:1:1: the file has to be a mapping with version, name"]),
        ("{}", ["s:1:1: version is missing: write `version: 1`", "s:1:1: name is missing"]),
        (
            "version: 2\nfuture: yes",
            [
                "s:2:1: “future” is not known: the file has version, name, note, list",
                "s:1:1: name is missing",
                "s:1:10: version has to be 1",
            ],
        ),
        (
            "version: '1'\nname: [x]\nnote: 5",
            [
                "s:1:10: version has to be 1",
                "s:2:7: name has to be text",
                "s:3:7: note has to be text, not a number: put it into quotes",
            ],
        ),
        (
            "version: 1\nname: n\nname: m\nnote:\nlist: {}",
            [
                "s:3:1: “name” is here twice",
                "s:4:1: note has to be text, not null",
                "s:5:7: list has to be a list, [] for none",
            ],
        ),
    ],
)
def test_members_are_checked(text: str, problems: list[str]) -> None:
    """What is missing, unknown, twice or of another type is named with its place."""
    assert sorted(read_root(text)[1]) == sorted(problems)


def test_what_is_right_is_read() -> None:
    """A member that may be missing is empty then."""
    assert read_root("version: 1\nname: n") == ({"name": "n", "note": ""}, [])
    assert isinstance(nodes_of('{"version": 1}'), MappingNode)


def test_long_names_are_cut() -> None:
    """A hostile name fills no terminal, and hides nothing."""
    assert shown_name("\u202e" + "x" * 900) == "“\\u202e" + "x" * 59 + "”"


@pytest.mark.parametrize(
    ("text", "number", "whole", "problems"),
    [
        ("12", 12.0, 12, 0),
        ("-0.5e1", -5.0, 7, 1),
        (".inf", 1.5, 7, 2),
        ("0x10", 1.5, 7, 2),
        ("1e999", 1.5, 7, 2),
        ("9" * 5000, 1.5, 7, 2),
        ("'12'", 1.5, 7, 2),
        ("[12]", 1.5, 7, 2),
    ],
)
def test_numbers(text: str, number: float, whole: int, problems: int) -> None:
    """Numbers are decimal and finite, and none is too long to be converted."""
    collected = Problems("s")
    reader = MemberReader(collected)
    members = {"n": nodes_of(text)}

    assert reader.number(members, "n", 1.5) == number
    assert reader.whole_number(members, "n", 7) == whole
    assert (reader.number({}, "n", 1.5), reader.whole_number({}, "n")) == (1.5, None)
    assert len(collected.found) == problems
