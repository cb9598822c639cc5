"""Search in the findings of the account, by their numbers and their words."""

from collections.abc import Callable, Sequence
from functools import partial
from heapq import nsmallest

from ibconsole.services.diagnosis import (
    Definition,
    Finding,
    Level,
    definition_of,
    find_definition,
)
from ibconsole.text import fold
from ibconsole.ui.palette.search_providers import SearchResult, rank_folded

_MOST = 20  # results: a number may have thousands
_SHORTEST = 3  # letters; fewer are in nearly every sentence
_ICONS = {Level.ERROR: "circle-x", Level.WARNING: "triangle-alert", Level.NOTE: "info"}


class FindingSearch:
    """Search in numbers, titles, sentences and the names of applications; sends no request.

    A name of an application alone matches nothing: the application itself is found elsewhere.
    A number that is not among the findings leads to its explanation.
    """

    def __init__(
        self,
        findings: Callable[[], Sequence[Finding]],
        open_finding: Callable[[Finding], object],
        explain: Callable[[Definition], object],
    ) -> None:
        self._findings = findings
        self._open = open_finding
        self._explain = explain
        self._texts: dict[tuple[int, str], str] = {}
        self._names: dict[str, str] = {}

    def search(self, text: str, limit: int, /) -> Sequence[SearchResult]:
        """See `SearchProvider`. A text of one or two letters matches nothing."""
        typed = fold(text).strip()
        if len(typed) < _SHORTEST:
            return ()
        found = {one.id: one for one in self._findings() if self._matches(typed, one)}
        ranked = [
            (self._rank(typed, one), one.level.rank, place, one)
            for place, one in enumerate(found.values())
        ]
        best = nsmallest(min(limit, _MOST), ranked, key=lambda entry: entry[:3])
        results = [self._result(finding) for *_, finding in best]
        return results or self._explanation(text)

    def _matches(self, typed: str, finding: Finding) -> bool:
        own, name = self._text(finding), self._name(finding)
        words = typed.split()
        return any(word in own for word in words) and all(
            word in own or word in name for word in words
        )

    def _rank(self, typed: str, finding: Finding) -> int:
        rank = rank_folded(typed, f"{self._text(finding)} {self._name(finding)}")
        return 2 if rank is None else rank

    def _text(self, finding: Finding) -> str:
        """Return the folded text; many findings have the same number and sentence."""
        key = finding.number, finding.sentence
        if key not in self._texts:
            title = definition_of(finding.number).title
            self._texts[key] = f" {fold(f'{finding.name} {title} {finding.sentence}')}"
        return self._texts[key]

    def _name(self, finding: Finding) -> str:
        name = finding.subject.application_name
        if name not in self._names:
            self._names[name] = fold(name)
        return self._names[name]

    def _result(self, finding: Finding) -> SearchResult:
        return SearchResult(
            title=f"{finding.name}: {finding.sentence}",
            subtitle=f"{finding.level.capitalize()} about {finding.subject.label}",
            go=partial(self._open, finding),
            icon_name=_ICONS[finding.level],
        )

    def _explanation(self, text: str) -> Sequence[SearchResult]:
        try:
            definition = find_definition(text)
        except LookupError:
            return ()
        return (
            SearchResult(
                title=f"{definition.name}: {definition.title}",
                subtitle="Not among the findings now; explains the number",
                go=partial(self._explain, definition),
                icon_name="info",
            ),
        )
