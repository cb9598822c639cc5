"""Search in the cached setup: applications, configurations and actions."""

from collections.abc import Callable, Sequence
from functools import partial
from heapq import nsmallest
from operator import itemgetter

from ibconsole.model import Action, Application
from ibconsole.services.setup import SetupCache
from ibconsole.text import fold, mask_code
from ibconsole.ui.palette.search_providers import (
    LETTERS_ONLY,
    SearchResult,
    letters_in,
    rank_folded,
    rank_of,
)
from ibconsole.ui.setup import name_of, target_of, type_of
from ibconsole.ui.toolkit import CodeDisplay

GoTo = Callable[[Application, str], object]
# A rank, and a function that makes the result: few of thousands of matches are shown.
_Ranked = tuple[int, Callable[[], SearchResult]]


class SetupSearch:
    """Search in names, codes, IDs, keys, URLs and callback data; sends no request."""

    def __init__(self, cache: SetupCache, go_to: GoTo, codes: CodeDisplay | None = None) -> None:
        self._codes = codes or CodeDisplay()
        self._codes.changed.connect(self._forget_index)
        self._cache = cache
        self._go_to = go_to
        self._index = _ApplicationIndex((), self._codes)

    def search(self, text: str, limit: int, /) -> Sequence[SearchResult]:
        """See `SearchProvider`. An empty text matches nothing: there may be thousands."""
        applications = self._cache.applications.items if self._cache.applications else ()
        if self._index.applications is not applications:  # prepared once, not at every key
            self._index = _ApplicationIndex(applications, self._codes)
        text = self._codes.typed(text.strip(), self._index.by_code)
        if not text:
            return ()
        ranked = [
            *self._applications(text, limit),
            *self._configurations(text),
            *self._actions(text),
        ]
        return [make() for _, make in nsmallest(limit, ranked, key=itemgetter(0))]

    def _forget_index(self) -> None:
        self._index = _ApplicationIndex((), self._codes)

    def _applications(self, text: str, limit: int) -> list[_Ranked]:
        best = nsmallest(limit, self._index.search(text), key=itemgetter(0))
        return [(rank, partial(self._application, application)) for rank, application in best]

    def _application(self, one: Application) -> SearchResult:
        return SearchResult(
            title=name_of(one),
            subtitle=f"Application {mask_code(one.code)}",
            go=lambda: self._go_to(one, ""),
            icon_name="smartphone",
        )

    def _configurations(self, text: str) -> list[_Ranked]:
        return [
            (rank, partial(self._configuration, owner, configuration.key))
            for code, configuration in self._cache.all_configurations()
            if (rank := rank_of(text, configuration.key)) is not None
            and (owner := self._index.by_code.get(code))
        ]

    def _configuration(self, owner: Application, key: str) -> SearchResult:
        return SearchResult(
            title=key,
            subtitle=f"Configuration of {name_of(owner)}",
            go=lambda: self._go_to(owner, ""),
            icon_name="settings-2",
        )

    def _actions(self, text: str) -> list[_Ranked]:
        ranked: list[_Ranked] = []
        for cached in self._cache.all_actions():
            owner = self._index.by_code.get(cached.code)
            for action in cached.actions.items:
                rank = rank_of(text, f"{target_of(action)}\n{action.key}\n{action.callback_data}")
                if owner and rank is not None:
                    ranked.append((rank, partial(self._action, owner, action)))
        return ranked

    def _action(self, owner: Application, action: Action) -> SearchResult:
        return SearchResult(
            title=target_of(action) or action.key,
            subtitle=f"{type_of(action)} action of {name_of(owner)}",
            go=lambda: self._go_to(owner, action.key),
            icon_name="zap",
        )


class _ApplicationIndex:
    """Applications with their searchable text, which is folded once."""

    def __init__(self, applications: Sequence[Application], codes: CodeDisplay) -> None:
        self.applications = applications
        self.by_code = {one.code: one for one in reversed(applications)}
        self._names = [f" {fold(one.name)}" for one in applications]
        self._texts = [fold(_searchable_text(one, codes.code(one.code))) for one in applications]

    def search(self, text: str) -> list[tuple[int, Application]]:
        """Return rank and application of those that match every word.

        If there are none, those whose name has the letters in order.
        """
        typed = fold(text).strip()
        rows: Sequence[int] = range(len(self._texts))
        for word in typed.split():
            rows = [row for row in rows if word in self._texts[row]]
        ranked = [(self._rank(typed, row), self.applications[row]) for row in rows]
        if ranked:
            return ranked
        return [
            (LETTERS_ONLY, self.applications[row])
            for row, name in enumerate(self._names)
            if letters_in(typed, name)
        ]

    def _rank(self, typed: str, row: int) -> int:
        rank = rank_folded(typed, self._names[row])
        return LETTERS_ONLY if rank is None else rank


def _searchable_text(one: Application, code: str) -> str:
    return "\n".join((one.name, code, one.id, one.description))
