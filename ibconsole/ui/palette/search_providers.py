"""What the palette finds: commands, and things of whoever offers to find some."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ibconsole.ui.toolkit import Command

# What has the letters in order is worth less than what has the words; one letter says nothing.
LOOSE = 3
_FEWEST = 2


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
        """At most so many that contain every word of the text, or its letters; the best first."""


class CommandFinder:
    """Finds commands by words of name and group, or letters of the name; all of them for none."""

    def __init__(self, commands: Callable[[], Sequence[Command]]) -> None:
        self._commands = commands
        self._recent: list[Command] = []

    def find(self, text: str, limit: int, /) -> Sequence[Found]:
        """See `Finder`; the ones run last come first."""
        commands = [one for one in self._commands() if one.isVisible()]
        ranked = [
            (rank, self._place(one), number, one)
            for number, one in enumerate(commands)
            if (rank := _rank(text, one)) is not None
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


def _rank(text: str, command: Command) -> int | None:
    rank = rank_of(text, f"{command.name} {command.group.value}")
    loosely = letters_in(text.casefold().strip(), f" {command.name.casefold()}")
    return LOOSE if rank is None and loosely else rank


def rank_of(wanted: str, text: str) -> int | None:
    """How well a text fits what was typed, 0 the best; None if a word of it is missing.

    Best where the text begins so, then where words of it do, then anywhere.
    """
    return rank_folded(wanted.casefold().strip(), f" {text.casefold()}")


def rank_folded(typed: str, text: str) -> int | None:
    """See `rank_of`; for many texts, which are folded already and begin with a space."""
    if text.startswith(typed, 1):
        return 0
    words = typed.split()
    if not all(word in text for word in words):
        return None
    return 1 if all(f" {word}" in text for word in words) else 2


def letters_in(typed: str, text: str) -> Sequence[int]:
    """Where the letters that were typed stand in a text, in order; empty if they do not.

    The first begins a word: `cnfg` finds Show configuration, `aac` Add a connection. Both
    are folded, and the text begins with a space.
    """
    if len(typed) < _FEWEST or " " in typed:
        return ()
    place = text.find(f" {typed[0]}")
    places = []
    for letter in typed:
        place = text.find(letter, place + 1) if place >= 0 else place
        if place < 0:
            return ()
        places.append(place)
    return places


def marks_in(wanted: str, text: str) -> Sequence[tuple[int, int]]:
    """What to mark in a text that was found: begin and length of each piece."""
    typed, folded = wanted.casefold().strip(), f" {text.casefold()}"
    if len(folded) != len(text) + 1:  # a letter became two, and nothing stands where it stood
        return ()
    found = [(folded.find(word) - 1, len(word)) for word in typed.split() if word in folded]
    return found or [(place - 1, 1) for place in letters_in(typed, folded)]
