"""Pairs of wanted and existing actions: equal actions are counted, and a masked value fits any."""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence

import msgspec

from ibconsole.model import Action, ActionDraft
from ibconsole.services.setup import draft_of
from ibconsole.services.setup.files import WantedAction, matches


class ActionMatches(msgspec.Struct, frozen=True):
    """Indexes of wanted and of existing actions: of pairs, and of those without a partner."""

    pairs: tuple[tuple[int, int], ...]
    missing: tuple[int, ...]
    extra: tuple[int, ...]


def match_actions(wanted: Sequence[WantedAction], actual: Sequence[Action]) -> ActionMatches:
    """Pair each wanted action with one existing action that is like it.

    An equal one comes first; then as many pairs with masked values are found as there can be.
    """
    present = [draft_of(action) for action in actual]
    partners = _equal_pairs([one.draft for one in wanted], present)
    paired = set(partners.values())
    masked = [index for index, one in enumerate(wanted) if index not in paired and one.is_masked]
    fitting = {
        index: [
            other
            for other, draft in enumerate(present)
            if other not in partners and matches(wanted[index], draft)
        ]
        for index in masked
    }
    dead: set[int] = set()
    for index in masked:
        _assign(index, fitting, partners, dead)
    pairs = tuple(sorted((index, other) for other, index in partners.items()))
    chosen = {index for index, _ in pairs}
    return ActionMatches(
        pairs,
        tuple(index for index in range(len(wanted)) if index not in chosen),
        tuple(other for other in range(len(present)) if other not in partners),
    )


def _equal_pairs(wanted: Sequence[ActionDraft], present: Sequence[ActionDraft]) -> dict[int, int]:
    """Return the indexes of wanted actions by those of the existing actions that are equal."""
    unused: dict[ActionDraft, list[int]] = defaultdict(list)
    for other in reversed(range(len(present))):
        unused[present[other]].append(other)
    return {unused[draft].pop(): index for index, draft in enumerate(wanted) if unused.get(draft)}


def _assign(
    first: int, fitting: Mapping[int, Sequence[int]], partners: dict[int, int], dead: set[int]
) -> None:
    """Find a partner, which others make free if they can take another one (augmenting path).

    `dead` are partners that no path to a free one leads through.
    """
    came_from: dict[int, int] = {}
    queue = deque([first])
    while queue:
        index = queue.popleft()
        for other in fitting[index]:
            if other in came_from or other in dead:
                continue
            came_from[other] = index
            if other not in partners:
                _reassign(other, came_from, partners)
                return
            queue.append(partners[other])
    dead |= came_from.keys()


def _reassign(free: int, came_from: Mapping[int, int], partners: dict[int, int]) -> None:
    """Give each wanted action of the path the partner that was found for it."""
    given = {index: other for other, index in partners.items()}
    other: int | None = free
    while other is not None:
        index = came_from[other]
        partners[other] = index
        other = given.get(index)
