"""The page of a case: whole, inert, and what users wrote cannot break it."""

from html.parser import HTMLParser
from pathlib import Path

from ibconsole.services.evidence.bundles.document import BlobFile, CaseDocument
from ibconsole.services.evidence.bundles.page import write_page
from ibconsole.services.evidence.cases import NoteContent
from tests.unit.services.evidence.cases.samples import case_of, full_case, item

EVIL = "</pre></style><script>alert(1)</script><img src=//x onerror=y>\"'"


class Reading(HTMLParser):
    """Collects tags, and what they lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, str | None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(attrs)


def test_nothing_runs_and_nothing_is_fetched(tmp_path: Path) -> None:
    """There is no script, no link and no remote picture, whatever is in the case."""
    _, full = full_case(tmp_path)
    case = case_of(
        item(NoteContent(text=EVIL), title=EVIL, comment=EVIL),
        *full.items[1:],
        title=EVIL,
        recordings=full.recordings,
    )
    page = "".join(write_page(CaseDocument(case, lambda _: BlobFile("raw/x", EVIL.encode()))))
    reading = Reading()
    reading.feed(page)

    assert reading.tags == {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "pre", "img"),
        *("dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td"),
    }
    assert (reading.attributes["src"] or "").startswith("data:image/png;base64,")
    assert not any(name.startswith("on") or name == "href" for name in reading.attributes)
    assert "default-src 'none'" in page
