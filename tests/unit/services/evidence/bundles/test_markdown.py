"""Markdown of a case: plain, and what users wrote cannot break it."""

import re
from pathlib import Path

from ibconsole.services.evidence.bundles.document import BlobFile, CaseDocument
from ibconsole.services.evidence.bundles.markdown import escaped, write_markdown
from ibconsole.services.evidence.cases import NoteContent
from tests.unit.services.evidence.cases.samples import PNG, case_of, full_case, item

EVIL = "<script>alert(1)</script> | `x` ``` [a](javascript:b) \u202e"


def test_there_is_no_html(tmp_path: Path) -> None:
    """Texts of any kind are text: no tag, no link, no broken table; a fence is long enough."""
    note = item(NoteContent(text=EVIL), title=EVIL, comment=EVIL)
    store, full = full_case(tmp_path)
    case = case_of(note, *full.items[1:], title=EVIL, recordings=full.recordings)
    fenced = BlobFile("raw/x", b"```\n<b>````")

    text = "".join(write_markdown(CaseDocument(case, lambda _: fenced)))

    outside = re.sub(r"(`{5})\n.*?\n\1", "", text, flags=re.DOTALL)
    assert not re.search(r"(?<!\\)<", outside)
    assert "`````\n```\n<b>````\n`````" in text
    assert "\u202e" not in text
    assert text.startswith(f"# {escaped(EVIL)}\n")
    assert "![Picture](raw/x)" in text
    assert store.read(full.id) == full
    assert PNG.decode("latin-1") not in text


def test_escapes() -> None:
    """A text is one line that means nothing to Markdown."""
    assert escaped("a\n# b | c_d") == r"a \# b \| c\_d"
