"""The structure of a file before it gets a meaning, the same for YAML and JSON.

Every node knows its span, as indexes of characters: an existing file is edited by these.
"""

import re
from enum import StrEnum
from functools import lru_cache

import msgspec

from ibconsole.services.documents.problems import Position, Problems

DEEPEST = 20  # levels of nesting; a setup has six
# The core schema of YAML 1.2.
_NULL = re.compile("null|Null|NULL|~|")
_BOOLEAN = re.compile("true|True|TRUE|false|False|FALSE")
_NUMBER = re.compile(
    r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
    r"|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
)
_HALF = re.compile("[\ud800-\udfff]")


class ScalarKind(StrEnum):
    """The types of scalars in the core schema of YAML 1.2, and in JSON."""

    TEXT = "text"
    NUMBER = "a number"
    BOOLEAN = "true or false"
    NULL = "null"


class Scalar(msgspec.Struct, frozen=True):
    """A value without parts; `text` is what it says, in a number as it is written."""

    text: str
    kind: ScalarKind
    position: Position
    span: tuple[int, int]
    is_block: bool = False  # a text of YAML in lines of its own, after | or >


class MappingNode(msgspec.Struct, frozen=True):
    """Names with values, in the order of the file; `is_flow` if it is written with braces."""

    members: tuple[tuple[Scalar, "Node"], ...]
    position: Position
    span: tuple[int, int]
    is_flow: bool = False


class SequenceNode(msgspec.Struct, frozen=True):
    """Values in the order of the file; `is_flow` if it is written with brackets."""

    items: tuple["Node", ...]
    position: Position
    span: tuple[int, int]
    is_flow: bool = False


Node = Scalar | MappingNode | SequenceNode


def check_halves(scalar: Scalar, problems: Problems) -> None:
    """Note a problem if half of a character is written as an escape."""
    if not scalar.text.isascii() and _HALF.search(scalar.text):
        problems.add(scalar.position, "half of a character (a lone surrogate) is no text")


@lru_cache(maxsize=256)
def kind_of(plain: str) -> ScalarKind:
    """Return the kind of a scalar of YAML that is written without quotes."""
    for pattern, kind in (
        (_NULL, ScalarKind.NULL),
        (_BOOLEAN, ScalarKind.BOOLEAN),
        (_NUMBER, ScalarKind.NUMBER),
    ):
        if pattern.fullmatch(plain):
            return kind
    return ScalarKind.TEXT
