"""What the palette finds: commands, and things of whoever offers to find some."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ibconsole.ui.commands import Command


@dataclass(frozen=True, slots=True)
class Found:
    """Something to go to or to do. `why_not` says why it cannot be done now."""

    title: str
    subtitle: str
    go: Callable[[], object]
    icon_name: str = ""
    keys: str = ""
    why_not: str = ""


class Finder(Protocol):
    """Whoever knows things that one may look for by name."""

    def find(self, text: str, limit: int, /) -> Sequence[Found]:
        """At most so many that contain every word of the text, the best first."""


class CommandFinder:
    """Finds commands by the words of their name and group; all of them for no words."""

    def __init__(self, commands: Callable[[], Sequence[Command]]) -> None:
        self._commands = commands
        self._recent: list[Command] = []

    def find(self, text: str, limit: int, /) -> Sequence[Found]:
        """See `Finder`; the ones run last come first."""
        commands = [one for one in self._commands() if one.isVisible()]
        ranked = [
            (rank, self._place(one), number, one)
            for number, one in enumerate(commands)
            if (rank := rank_of(text, f"{one.name} {one.group.value}")) is not None
        ]
        return [self._found(one) for *_, one in sorted(ranked, key=lambda r: r[:3])[:limit]]

    def _place(self, command: Command) -> int:
        return self._recent.index(command) if command in self._recent else len(self._recent)

    def _found(self, command: Command) -> Found:
        def go() -> None:
            self._recent = [command, *(one for one in self._recent if one is not command)]
            command.trigger()

        return Found(
            title=command.name.removesuffix("…"),
            subtitle=command.group.value,
            go=go,
            icon_name=command.icon_name,
            keys=command.shortcut_text(),
            why_not=command.why_not,
        )


def rank_of(wanted: str, text: str) -> int | None:
    """How well a text fits what was typed, 0 the best; None if a word of it is missing.

    Best where the text begins so, then where words of it do, then anywhere.
    """
    typed, folded = wanted.casefold().strip(), text.casefold()
    if folded.startswith(typed):
        return 0
    words = typed.split()
    if not all(word in folded for word in words):
        return None
    begins = all(f" {word}" in f" {folded}" for word in words)
    return 1 if begins else 2
