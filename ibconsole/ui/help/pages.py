"""The pages of the help, which are Markdown in `resources/help/`, and those of the findings.

They are read from the program's own files when the first one is asked for; nothing is requested.
"""

from collections.abc import Sequence
from functools import cached_property

import msgspec

from ibconsole.resource_files import resource_folder
from ibconsole.services.diagnosis import GROUPS, all_definitions, find_definition, page_of
from ibconsole.text import fold

CONTENTS = "index"
FINDINGS = "findings"
_SUFFIX = ".md"


class HelpPage(msgspec.Struct, frozen=True):
    """A page: its name, which links use, its title, its Markdown, and its folded words."""

    name: str
    title: str
    markdown: str
    words: str


class HelpPages:
    """All pages, found by their names and by their words."""

    @cached_property
    def written(self) -> Sequence[HelpPage]:
        """The written pages, the contents first, the others by title."""
        pages = [
            _page(path.stem, path.read_text(encoding="utf-8"))
            for path in resource_folder("help").glob(f"*{_SUFFIX}")
        ]
        pages.append(_page(FINDINGS, _findings_page()))
        return sorted(pages, key=lambda one: (one.name != CONTENTS, one.title.casefold()))

    @cached_property
    def _findings(self) -> Sequence[HelpPage]:
        return [_page(one.name, page_of(one)) for one in all_definitions() if not one.retired]

    def find(self, name: str) -> HelpPage:
        """Return the page of a name or a relative link; the contents if there is none.

        The name of a finding is its number.
        """
        wanted = name.rpartition("/")[2].partition("#")[0].removesuffix(_SUFFIX)
        for page in self.written:
            if page.name == wanted:
                return page
        try:
            return _page(wanted, page_of(find_definition(wanted)))
        except LookupError:
            return self.written[0]

    def search(self, text: str) -> Sequence[HelpPage]:
        """Return the pages with all words of a text, those with them in the title first.

        The pages of findings follow. Without a text they are the written pages.
        """
        words = fold(text).split()
        if not words:
            return self.written
        found = [
            (any(f" {word}" not in f" {fold(page.title)}" for word in words), place, page)
            for place, page in enumerate((*self.written, *self._findings))
            if all(word in page.words for word in words)
        ]
        return [page for *_, page in sorted(found, key=lambda one: one[:2])]


def _findings_page() -> str:
    """Return the list of all findings; tables of this length take 150 ms to lay out."""
    lines = ["# Findings", "", "Each number has a page: what it means, why, and the remedy."]
    for group in GROUPS:
        current = [one for one in group.definitions if not one.retired]
        lines += ["", f"## {group.title}", ""]
        lines += [f"- [{one.name}]({one.name}.md): {one.title} ({one.level})" for one in current]
    return "\n".join(lines)


def _page(name: str, markdown: str) -> HelpPage:
    title = markdown.partition("\n")[0].removeprefix("#").strip()
    return HelpPage(name, title, markdown, f" {fold(markdown)}")
