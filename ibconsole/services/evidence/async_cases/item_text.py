"""An item of a case as text, for the window: with masked codes, and not redacted otherwise."""

from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from ibconsole.services.evidence.bundles import (
    BlobFile,
    Block,
    CaseDocument,
    FactList,
    Grid,
    Image,
    Prose,
    Verbatim,
)
from ibconsole.services.evidence.cases import (
    Blob,
    Case,
    CaseItem,
    FindingContent,
    MessageContent,
    SetupContent,
    TimelineContent,
)
from ibconsole.services.protection import ShownCodes

_LONGEST = 100_000  # characters
_MASKED = ShownCodes("The items of a case show application codes masked.")


def item_text(case: Case, item: CaseItem, read: Callable[[Blob], bytes]) -> str:
    """Return what an item shows, at most 100,000 characters; `read` reads the files of the case.

    Raises what `read` does.
    """
    document = CaseDocument(
        replace(case, items=(item,)), lambda blob: BlobFile(blob.media_type or "bytes", read(blob))
    )
    text = "\n".join(line for section in document.sections for line in _lines(section.blocks))
    shown = _MASKED.text(text.strip(), *filter(None, map(_code_of, case.items)))
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"


def _lines(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Prose(text):
                yield text
            case FactList(pairs):
                width = max((len(name) for name, value in pairs if value), default=0) + 2
                yield from (f"{name:{width}}{value}" for name, value in pairs if value)
            case Grid(headers, rows):
                widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
                for row in (headers, *rows):
                    cells = (f"{cell:{width}}" for cell, width in zip(row, widths, strict=True))
                    yield "  ".join(cells).rstrip()
            case Verbatim(caption, text):
                yield from (f"{caption}:", text)
            case Image():
                continue
        yield ""


def _code_of(item: CaseItem) -> str:
    match item.content:
        case MessageContent(application_code=code) | SetupContent(application_code=code):
            return code
        case TimelineContent(timeline=timeline):
            return timeline.application
        case FindingContent(finding=finding):
            return finding.subject.application
    return ""
