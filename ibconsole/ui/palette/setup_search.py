"""Finds applications, configurations and actions by what is known of them."""

from collections.abc import Callable, Sequence
from functools import partial
from heapq import nsmallest
from operator import itemgetter

from ibconsole.model import Action, Application
from ibconsole.services.setup import SetupCache
from ibconsole.text import mask_code
from ibconsole.ui.palette.search_providers import LOOSE, Found, letters_in, rank_folded, rank_of
from ibconsole.ui.setup import name_of, target_of, type_of

GoTo = Callable[[Application, str], object]
# Made when it is shown, which of thousands few are.
_Ranked = tuple[int, Callable[[], Found]]


class SetupFinder:
    """Looks through names, codes, IDs, keys, URLs and callback data; nothing is requested."""

    def __init__(self, known: SetupCache, go_to: GoTo) -> None:
        self._known = known
        self._go_to = go_to
        self._listed = _Listed(())

    def find(self, text: str, limit: int, /) -> Sequence[Found]:
        """See `Finder`. For no text nothing: there may be thousands."""
        applications = self._known.applications.items if self._known.applications else ()
        if self._listed.applications is not applications:  # prepared once, not at every key
            self._listed = _Listed(applications)
        if not text.strip():
            return ()
        listed = self._best(limit, text)
        found = [*listed, *self._configurations(text), *self._actions(text)]
        return [make() for _, make in nsmallest(limit, found, key=itemgetter(0))]

    def _best(self, limit: int, text: str) -> list[_Ranked]:
        best = nsmallest(limit, self._listed.fitting(text), key=itemgetter(0))
        return [(rank, partial(self._application, application)) for rank, application in best]

    def _application(self, one: Application) -> Found:
        return Found(
            title=name_of(one),
            subtitle=f"Application {mask_code(one.code)}",
            go=lambda: self._go_to(one, ""),
            icon_name="smartphone",
        )

    def _configurations(self, text: str) -> list[_Ranked]:
        return [
            (rank, partial(self._configuration, owner, configuration.key))
            for code, configuration in self._known.every_configuration()
            if (rank := rank_of(text, configuration.key)) is not None
            and (owner := self._listed.by_code.get(code))
        ]

    def _configuration(self, owner: Application, key: str) -> Found:
        return Found(
            title=key,
            subtitle=f"Configuration of {name_of(owner)}",
            go=lambda: self._go_to(owner, ""),
            icon_name="settings-2",
        )

    def _actions(self, text: str) -> list[_Ranked]:
        found: list[_Ranked] = []
        for known in self._known.every_action():
            owner = self._listed.by_code.get(known.code)
            for action in known.actions.items:
                rank = rank_of(text, f"{target_of(action)}\n{action.key}\n{action.callback_data}")
                if owner and rank is not None:
                    found.append((rank, partial(self._action, owner, action)))
        return found

    def _action(self, owner: Application, action: Action) -> Found:
        return Found(
            title=target_of(action) or action.key,
            subtitle=f"{type_of(action)} action of {name_of(owner)}",
            go=lambda: self._go_to(owner, action.key),
            icon_name="zap",
        )


class _Listed:
    """The applications, with everything folded that is looked through at every key."""

    def __init__(self, applications: Sequence[Application]) -> None:
        self.applications = applications
        self.by_code = {one.code: one for one in reversed(applications)}
        self._names = [f" {one.name.casefold()}" for one in applications]
        self._texts = [_searched(one).casefold() for one in applications]

    def fitting(self, text: str) -> list[tuple[int, Application]]:
        """Those that have every word somewhere, or the letters in their name; with the rank."""
        typed = text.casefold().strip()
        places: Sequence[int] = range(len(self._texts))
        for word in typed.split():
            places = [place for place in places if word in self._texts[place]]
        ranked = [(self._rank(typed, place), self.applications[place]) for place in places]
        if ranked:
            return ranked
        named = enumerate(self._names)
        return [(LOOSE, self.applications[at]) for at, name in named if letters_in(typed, name)]

    def _rank(self, typed: str, place: int) -> int:
        rank = rank_folded(typed, self._names[place])
        return LOOSE if rank is None else rank


def _searched(one: Application) -> str:
    return "\n".join((one.name, one.code, one.id, one.description))
