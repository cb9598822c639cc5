"""Search for the palette: results, ranking, and the provider that searches the commands."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from ibconsole.text import find_folded, fold, folded_spans
from ibconsole.ui.toolkit import Command, Group

# The rank of a text that contains only the letters in order: below a text with the words.
LETTERS_ONLY = 3
# A single letter would match nearly everything.
_MIN_LETTERS = 2


class SearchResult(msgspec.Struct, frozen=True):
    """Something to go to or to run; `disabled_reason` is the reason if it is not possible now."""

    title: str
    subtitle: str
    go: Callable[[], object]
    icon_name: str = ""
    keys: str = ""
    disabled_reason: str = ""


class SearchProvider(Protocol):
    """A source of search results."""

    def search(self, text: str, limit: int, /) -> Sequence[SearchResult]:
        """Return at most `limit` results that match the text, the best first.

        A result matches if it contains every word of the text, or its letters in order.
        """


class CommandSearch:
    """Search in the names and groups of commands; an empty text matches all of them."""

    def __init__(self, commands: Callable[[], Sequence[Command]]) -> None:
        self._commands = commands
        self._recent: list[Command] = []

    def search(self, text: str, limit: int, /) -> Sequence[SearchResult]:
        """See `SearchProvider`; among equal matches, the commands run last come first.

        Those that cannot be run now come last, with the reason; before them those that only lead
        to another place (the View menu).
        """
        commands = [one for one in self._commands() if one.isVisible()]
        ranked = [
            (
                rank,
                bool(one.disabled_reason),
                self._recency(one),
                one.group is Group.VIEW,
                number,
                one,
            )
            for number, one in enumerate(commands)
            if (rank := _rank_command(text, one)) is not None
        ]
        return [self._result(one) for *_, one in sorted(ranked, key=lambda r: r[:5])[:limit]]

    def _recency(self, command: Command) -> int:
        return self._recent.index(command) if command in self._recent else len(self._recent)

    def _result(self, command: Command) -> SearchResult:
        def go() -> None:
            self._recent = [command, *(one for one in self._recent if one is not command)]
            command.trigger()

        return SearchResult(
            title=command.name.removesuffix("…"),
            subtitle=command.group.value,
            go=go,
            icon_name=command.icon_name,
            keys=command.shortcut_text(),
            disabled_reason=command.disabled_reason,
        )


def _rank_command(typed: str, command: Command) -> int | None:
    rank = rank_of(typed, f"{command.name} {command.group.value}")
    if rank is None and letters_in(fold(typed).strip(), f" {fold(command.name)}"):
        return LETTERS_ONLY
    return rank


def rank_of(typed: str, text: str) -> int | None:
    """Return how well a text matches what was typed, 0 the best; None if a word is missing.

    0: the text begins with it; 1: each word begins a word of the text; 2: anywhere else.
    """
    return rank_folded(fold(typed).strip(), f" {fold(text)}")


def rank_folded(typed: str, text: str) -> int | None:
    """Return the same as `rank_of` for folded arguments; the text begins with a space.

    For large numbers of texts, which are folded once.
    """
    if text.startswith(typed, 1):
        return 0
    words = typed.split()
    if not all(word in text for word in words):
        return None
    return 1 if all(f" {word}" in text for word in words) else 2


def letters_in(typed: str, text: str) -> Sequence[int]:
    """Return the positions of the typed letters in a text, in order; empty without a match.

    The first letter must begin a word: `cnfg` matches Show configuration, `aac` matches Add a
    connection. Both arguments are folded, and the text begins with a space.
    """
    if len(typed) < _MIN_LETTERS or " " in typed:
        return ()
    position = text.find(f" {typed[0]}")
    positions = []
    for letter in typed:
        position = text.find(letter, position + 1) if position >= 0 else position
        if position < 0:
            return ()
        positions.append(position)
    return positions


def find_highlights(typed: str, text: str) -> Sequence[tuple[int, int]]:
    """Return the pieces of a matching text to highlight: start and length of each."""
    if words := find_folded(typed.split(), text):
        return words
    spans = folded_spans(text)
    letters = letters_in(fold(typed).strip(), f" {fold(text)}")
    return [(start, end - start) for start, end in (spans[letter - 1] for letter in letters)]
