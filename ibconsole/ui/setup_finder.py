"""Finds applications, configurations and actions by what is known of them."""

from collections.abc import Callable, Sequence

from ibconsole.model import Action, Application
from ibconsole.services.known_setup import KnownSetup
from ibconsole.ui.finding import Found, rank_of
from ibconsole.ui.masking import masked
from ibconsole.ui.panes.actions import target_of, type_of
from ibconsole.ui.panes.applications import name_of

GoTo = Callable[[Application, str], object]


class SetupFinder:
    """Looks through names, codes, IDs, keys, URLs and callback data; nothing is requested."""

    def __init__(self, known: KnownSetup, go_to: GoTo) -> None:
        self._known = known
        self._go_to = go_to
        self._texts: tuple[Sequence[Application], Sequence[str]] = ((), ())

    def find(self, text: str, limit: int, /) -> Sequence[Found]:
        """See `Finder`. For no text nothing: there may be thousands."""
        if not text.strip():
            return ()
        found = [*self._applications(text), *self._configurations(text), *self._actions(text)]
        found.sort(key=lambda ranked: ranked[0])
        return [one for _, one in found[:limit]]

    def _applications(self, text: str) -> list[tuple[int, Found]]:
        listed = self._known.applications.items if self._known.applications else ()
        if self._texts[0] is not listed:  # folded once, not at every key
            self._texts = listed, [_searched(one).casefold() for one in listed]
        words = text.casefold().split()
        fitting = (
            application
            for application, searched in zip(*self._texts, strict=True)
            if all(word in searched for word in words)
        )
        return [
            (rank if rank is not None else 3, self._application(one))
            for one in fitting
            for rank in (rank_of(text, one.name),)
        ]

    def _application(self, one: Application) -> Found:
        return Found(
            title=name_of(one),
            subtitle=f"Application {masked(one.code)}",
            go=lambda: self._go_to(one, ""),
            icon_name="smartphone",
        )

    def _configurations(self, text: str) -> list[tuple[int, Found]]:
        return [
            (
                rank,
                Found(
                    title=configuration.key,
                    subtitle=f"Configuration of {name_of(owner)}",
                    go=lambda owner=owner: self._go_to(owner, ""),  # type: ignore[misc]
                    icon_name="settings-2",
                ),
            )
            for code, configuration in self._known.every_configuration()
            if (rank := rank_of(text, configuration.key)) is not None
            and (owner := self._owner(code))
        ]

    def _actions(self, text: str) -> list[tuple[int, Found]]:
        found = []
        for known in self._known.every_action():
            owner = self._owner(known.code)
            for action in known.actions.items:
                rank = rank_of(text, f"{target_of(action)}\n{action.key}\n{action.callback_data}")
                if owner and rank is not None:
                    found.append((rank, self._action(owner, action)))
        return found

    def _action(self, owner: Application, action: Action) -> Found:
        return Found(
            title=target_of(action) or action.key,
            subtitle=f"{type_of(action)} action of {name_of(owner)}",
            go=lambda: self._go_to(owner, action.key),
            icon_name="zap",
        )

    def _owner(self, code: str) -> Application | None:
        listed = self._known.applications.items if self._known.applications else ()
        return next((one for one in listed if one.code == code), None)


def _searched(one: Application) -> str:
    return "\n".join((one.name, one.code, one.id, one.description))
