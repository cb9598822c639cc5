"""Markdown of a case: plain, and what users wrote cannot break it."""

import re
from pathlib import Path

import msgspec
import pytest

from ibconsole.services.diagnosis import diagnose
from ibconsole.services.evidence.bundles.document import BlobFile, CaseDocument
from ibconsole.services.evidence.bundles.markdown import escaped, write_markdown
from ibconsole.services.evidence.cases import FindingContent, NoteContent
from tests.unit.services.diagnosis.rules.cases import CASES
from tests.unit.services.evidence.cases.samples import PNG, case_of, full_case, item

EVIL = "<script>alert(1)</script> | `x` ``` [a](javascript:b) \u202e"
# A tag that is not escaped: the backslashes before it, if any, are escaped themselves.
TAG = re.compile(r"(?<!\\)(?:\\\\)*<")


def test_there_is_no_html(tmp_path: Path) -> None:
    """Texts of any kind are text: no tag, no link, no broken table; a fence is long enough."""
    note = item(NoteContent(text=EVIL), title=EVIL, comment=EVIL)
    store, full = full_case(tmp_path)
    case = case_of(note, *full.items[1:], title=EVIL, recordings=full.recordings)
    fenced = BlobFile("raw/x", b"```\n<b>````")

    text = "".join(write_markdown(CaseDocument(case, lambda _: fenced)))

    outside = re.sub(r"(`{5})\n.*?\n\1", "", text, flags=re.DOTALL)
    assert not TAG.search(outside)
    assert "`````\n```\n<b>````\n`````" in text
    assert "\u202e" not in text
    assert text.startswith(f"# {escaped(EVIL)}\n")
    assert "![Picture](raw/x)" in text
    assert store.read(full.id) == full
    assert PNG.decode("latin-1") not in text


@pytest.mark.parametrize("backslashes", range(5))
def test_backslashes_do_not_let_a_tag_through(backslashes: int) -> None:
    """A tag of a note stays text, whatever escapes what stands before it."""
    note = item(NoteContent(text="\\" * backslashes + "<img src=x onerror=alert(1)>"))

    text = "".join(write_markdown(CaseDocument(case_of(note), lambda _: None)))

    assert not TAG.search(text)


def test_what_a_platform_says_is_no_markdown() -> None:
    """The sentence of a finding names what others chose: it makes no picture, which tells hosts."""
    finding = msgspec.structs.replace(
        diagnose(CASES[1201])[0], sentence="The application ![](https://evil.example/x.png) is"
    )
    case = case_of(item(FindingContent(finding=finding)), item(NoteContent(text="**Bold**"), "i-2"))

    text = "".join(write_markdown(CaseDocument(case, lambda _: None)))

    assert r"!\[\](https://evil.example/x.png)" in text
    assert "**Bold**" in text


def test_escapes() -> None:
    """A text is one line that means nothing to Markdown."""
    assert escaped("a\n# b | c_d") == r"a \# b \| c\_d"
