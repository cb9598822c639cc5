"""`case.md`: Markdown without HTML, as Jira, Zendesk and others take it when it is pasted."""

import re
from collections.abc import Iterator, Sequence

from ibconsole.services.evidence.bundles.document import (
    Block,
    CaseDocument,
    FactList,
    Grid,
    Image,
    Prose,
    Verbatim,
)
from ibconsole.text import escape_invisible

# What means something anywhere in a line.
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#{}~])")
_FENCE = re.compile(r"`{3,}")
_TAG = re.compile(r"(\\*)<")


def write_markdown(document: CaseDocument) -> Iterator[str]:
    """Yield the document in pieces."""
    yield f"# {escaped(document.case.title)}\n\n"
    yield from _block(document.introduction)
    for section in document.sections:
        yield f"## {escaped(section.title)}\n\n"
        if section.comment:
            yield f"{_paragraphs(section.comment)}\n\n"
        for block in section.blocks:
            yield from _block(block)


def escaped(text: str) -> str:
    """Return a text on one line that means nothing to Markdown."""
    line = " ".join(escape_invisible(text).split())
    return _SPECIAL.sub(r"\\\1", line)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Prose(text, is_markdown):
            yield f"{_paragraphs(text) if is_markdown else escaped(text)}\n\n"
        case FactList(pairs):
            lines = [f"- {escaped(name)}: {escaped(value)}\n" for name, value in pairs if value]
            yield from (*lines, "\n")
        case Grid(headers, rows):
            yield from (_row(headers), _row(["---"] * len(headers)))
            yield from (_row([escaped(cell) for cell in row]) for row in rows)
            yield "\n"
        case Verbatim(caption, text):
            longest = max(map(len, _FENCE.findall(text)), default=2)
            fence = "`" * (longest + 1)
            yield f"{escaped(caption)}:\n\n{fence}\n{text}\n{fence}\n\n"
        case Image(name, _):
            yield f"![Picture]({name})\n\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _paragraphs(text: str) -> str:
    """Return a text of the user, whose Markdown stays, without HTML."""
    return _TAG.sub(_escape_tag, escape_invisible(text)).strip()


def _escape_tag(found: re.Match[str]) -> str:
    """Escape a `<`, unless that was done: two backslashes before it are a backslash."""
    backslashes = found[1]
    return f"{backslashes}{'' if len(backslashes) % 2 else chr(92)}<"
