"""Edits of a YAML text by lines and spans: what is not edited stays as it is, comments too."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from ibconsole.services.documents.nodes import MappingNode, Node, Scalar, SequenceNode
from ibconsole.services.documents.problems import LINE_END

_CHARACTER = re.compile(r"[^\r\n]")
_COMMENT = re.compile(r"(?m)(?:^|(?<=[ \t]))#[^\r\n]*")


class TextEdits:
    """Edits of one text, which take effect together.

    All positions are those of the text before its first edit. Edits must not overlap; of several
    at one place, those that were made first come first.
    """

    def __init__(self, text: str, root: Node) -> None:
        self._text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self._starts = [0, *(found.end() for found in LINE_END.finditer(text))]
        # The text without its scalars: what looks like a comment is one.
        self._bare = _without_scalars(text, root)
        self._edits: list[tuple[int, int, str]] = []

    @property
    def result(self) -> str:
        """The text with all edits."""
        parts, end = [], 0
        for start, stop, text in sorted(self._edits, key=lambda one: one[0]):
            parts += [self._text[end:start], text]
            end = stop
        return "".join([*parts, self._text[end:]])

    def comments(self, span: tuple[int, int]) -> list[str]:
        """Return the comments between two places."""
        found = _COMMENT.finditer(self._bare, *span)
        return [self._text[slice(*one.span())].rstrip() for one in found]

    def replace(self, span: tuple[int, int], text: str) -> None:
        """Replace what is between two places."""
        self._edits.append((*span, text))

    def insert_lines(self, index: int, column: int, lines: Iterable[str]) -> None:
        """Insert lines that begin in this column, before the line that begins at the index."""
        text = "".join(f"{' ' * (column - 1)}{line}{self.newline}" for line in lines)
        if index == len(self._text) and index not in {0, self._starts[-1]}:
            text = self.newline + text.removesuffix(self.newline)
        self.replace((index, index), text)

    def remove_lines(self, span: tuple[int, int], column: int) -> None:
        """Remove whole lines, except for their comments, which get lines of their own."""
        indentation = " " * (column - 1)
        kept = (f"{indentation}{one}{self.newline}" for one in self.comments(span))
        self.replace(span, "".join(kept))

    def lines_of(self, span: tuple[int, int]) -> tuple[int, int]:
        """Return the whole lines in which a span lies."""
        start, stop = span
        return self.line_start(start), self.line_end(max(start, stop - 1))

    def line_start(self, index: int) -> int:
        """Return where the line of this place begins."""
        return self._starts[bisect_right(self._starts, index) - 1]

    def line_end(self, index: int) -> int:
        """Return where the line after this place begins."""
        line = bisect_right(self._starts, index)
        return self._starts[line] if line < len(self._starts) else len(self._text)

    def dash_of(self, sequence: SequenceNode, item: Node) -> int:
        """Return where the dash of an item is, which may be lines above it."""
        indentation = " " * (sequence.position.column - 1)
        start = self.line_start(item.span[0])
        while not self._text.startswith(f"{indentation}-", start) and start > sequence.span[0]:
            start = self.line_start(start - 1)
        return start + len(indentation)

    def after_colon(self, name: Scalar) -> int:
        """Return the place after the colon that follows a name."""
        return self._bare.index(":", name.span[1]) + 1


def _without_scalars(text: str, root: Node) -> str:
    parts, end = [], 0
    for start, stop in _content_spans(text, [root]):
        parts += [text[end:start], _CHARACTER.sub("x", text[start:stop])]
        end = stop
    return "".join([*parts, text[end:]])


def _content_spans(text: str, nodes: Sequence[Node]) -> Iterator[tuple[int, int]]:
    """Yield the spans of scalars in the order of the text; a block's head may have a comment."""
    for node in nodes:
        if isinstance(node, MappingNode):
            for member in node.members:
                yield from _content_spans(text, member)
        elif isinstance(node, SequenceNode):
            yield from _content_spans(text, node.items)
        elif node.is_block:
            head = LINE_END.search(text, *node.span)
            yield head.start() if head else node.span[1], node.span[1]
        else:
            yield node.span
