"""The pages of the help."""

import re

from ibconsole.ui.help.pages import CONTENTS, FINDINGS, HelpPages

LINK = re.compile(r"\]\(([^)]+)\)")


def test_every_link_leads_somewhere() -> None:
    """Each page has a title, each link leads to a page of the help, and the contents reach all."""
    pages = HelpPages()
    names = {page.name for page in pages.written}
    reached, waiting = {CONTENTS}, [CONTENTS]
    while waiting:
        page = pages.find(waiting.pop())
        for link in LINK.findall(page.markdown):
            found = pages.find(link)
            assert found.name in names or found.name.startswith("IBC-"), link
            assert (found.name == CONTENTS) == (link == f"{CONTENTS}.md"), link
            if found.name not in reached and found.name in names:
                reached.add(found.name)
                waiting.append(found.name)

    assert all(page.title and page.markdown.startswith("# ") for page in pages.written)
    assert names == reached
    assert pages.written[0].name == CONTENTS


def test_finding_pages() -> None:
    """A page is found by its name, a link, or the number of a finding; else the contents are."""
    pages = HelpPages()

    assert pages.find("pulling.md#top").title == "Pulling"
    assert pages.find("IBC-1002").title.startswith("IBC-1002: ")
    for name in ("../../etc/passwd", "", "IBC-9999"):
        assert pages.find(name).name == CONTENTS
    assert pages.search("destroy the world of pulls") == []
    assert next(page.name for page in pages.search("pulling")) == "pulling"
    assert pages.search(" ") == pages.written
    assert "IBC-1002" in [page.name for page in pages.search("ibc-1002")]
    assert FINDINGS in [page.name for page in pages.search("ibc-1002")]
