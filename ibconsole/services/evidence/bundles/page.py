"""`case.html`: one page for a browser or a printer, without script and without anything remote."""

from base64 import b64encode
from collections.abc import Iterator
from html import escape

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

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"
_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; border-top: 1px solid #8886;
padding-top: 1rem; }
h3 { font-size: .9rem; margin: 1.2rem 0 .3rem; font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.2rem; margin: 0 0 1rem; }
dt { color: #767676; } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
table { border-collapse: collapse; width: 100%; margin: .8rem 0; font-size: .9rem; }
th, td { border: 1px solid #8886; padding: .25rem .5rem; text-align: left; vertical-align: top;
overflow-wrap: anywhere; }
pre { background: #8881; padding: .7rem; white-space: pre-wrap; overflow-wrap: anywhere;
font: 13px/1.45 ui-monospace, monospace; margin: 0; }
p { white-space: pre-wrap; overflow-wrap: anywhere; } .comment { border-left: 3px solid #4a7fd4;
padding-left: .8rem; }
img { max-width: 100%; border: 1px solid #8886; }
@media print { body { margin: 0; max-width: none; font-size: 10pt; }
pre, table { font-size: 8.5pt; } h2 { break-after: avoid; } tr, img { break-inside: avoid; } }
"""


def write_page(document: CaseDocument) -> Iterator[str]:
    """Yield the page in pieces."""
    title = _text(document.case.title)
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    )
    yield from _block(document.introduction)
    for section in document.sections:
        yield f"<h2>{_text(section.title)}</h2>\n"
        if section.comment:
            yield f'<p class="comment">{_text(section.comment)}</p>\n'
        for block in section.blocks:
            yield from _block(block)
    yield "</body>\n</html>\n"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Prose(text):
            yield f"<p>{_text(text)}</p>\n"
        case FactList(pairs):
            rows = (
                f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>\n" for name, value in pairs if value
            )
            yield from ("<dl>\n", *rows, "</dl>\n")
        case Grid(headers, rows):
            yield f"<table>\n<thead>{_row(headers, 'th')}</thead>\n<tbody>\n"
            yield from (_row(row, "td") for row in rows)
            yield "</tbody>\n</table>\n"
        case Verbatim(caption, text):
            yield f"<h3>{_text(caption)}</h3>\n<pre>{escape(text)}</pre>\n"
        case Image(_, data):
            yield f'<img alt="Picture" src="data:image/png;base64,{b64encode(data).decode()}">\n'


def _row(cells: object, tag: str) -> str:
    assert isinstance(cells, list | tuple)  # noqa: S101
    return f"<tr>{''.join(f'<{tag}>{_text(cell)}</{tag}>' for cell in cells)}</tr>\n"


def _text(text: str) -> str:
    return escape(escape_invisible(text))
