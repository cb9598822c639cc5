"""Reading of an account for a file: which applications it names, and their routes."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Protocol

import msgspec

from ibconsole.model import Application
from ibconsole.services.documents import DocumentProblem, InvalidDocument
from ibconsole.services.setup import InboundRoute, RouteReader, read_routes
from ibconsole.services.setup.applying.differences import ResolvedApplication
from ibconsole.services.setup.files import SetupFile, WantedApplication

_MOST_NAMED = 5  # IDs in a sentence
_MOST_HINTS = 20  # more problems are counted, not shown

OnProgress = Callable[[int, int], object]


class AccountReader(RouteReader, Protocol):
    """Reads the setup of an account."""

    async def applications(self) -> list[Application]: ...


class AccountState(msgspec.Struct, frozen=True):
    """The part of an account that a file is about: its applications, and their routes by code."""

    resolved: tuple[ResolvedApplication, ...]
    routes: Mapping[str, InboundRoute]


async def read_account(
    reader: AccountReader, file: SetupFile, on_progress: OnProgress | None = None
) -> AccountState:
    """Read the list of applications once, and the routes of those that the file names.

    `on_progress` is called with the number of applications that were read, and that of all of them.
    Raises InvalidDocument before a route is read if an application is not found, an ApiError if
    the list cannot be read, and RouteNotRead.
    """
    resolved = resolve(file, await reader.applications())
    applications = [one.application for one in resolved]
    return AccountState(resolved, await read_routes(reader, applications, on_progress))


def resolve(
    file: SetupFile, applications: Sequence[Application]
) -> tuple[ResolvedApplication, ...]:
    """Return the applications of the account that the file names, in the order of the file.

    Raises InvalidDocument with all that are unknown, ambiguous, or named twice.
    """
    directory = _Directory(applications)
    problems: list[DocumentProblem] = []
    resolved: dict[str, ResolvedApplication] = {}
    for wanted in file.applications:
        found = directory.find(wanted)
        first = resolved.get(found[0].code) if len(found) == 1 else None
        if len(found) == 1 and found[0].code and first is None:
            resolved[found[0].code] = ResolvedApplication(wanted, found[0])
            continue
        # Similar names are looked for only as far as problems are shown.
        rule = ""
        if len(problems) < _MOST_HINTS:
            rule = _repeated(first) if first else directory.problem(wanted, found)
        problems.append(DocumentProblem(wanted.position, rule))
    if problems:
        raise InvalidDocument(file.name, problems)
    return tuple(resolved.values())


class _Directory:
    """The applications of an account by their names."""

    def __init__(self, applications: Sequence[Application]) -> None:
        self._applications = list({(one.code, one.id): one for one in applications}.values())
        self._by_name = defaultdict(list)
        for one in self._applications:
            self._by_name[one.name].append(one)

    def find(self, wanted: WantedApplication) -> list[Application]:
        """Return all applications that can be meant."""
        named = self._by_name.get(wanted.name, []) if wanted.name else self._applications
        return [one for one in named if wanted.id in {"", one.id} and wanted.code in {"", one.code}]

    def problem(self, wanted: WantedApplication, found: Sequence[Application]) -> str:
        """Return why these are not one application that can be changed."""
        if len(found) > 1:
            identities = sorted({one.id for one in found})
            remedy = "add the `code` of one"
            if len(identities) > 1:
                remedy = f"add the `id` of one ({', '.join(identities[:_MOST_NAMED])})"
            return f"the account has {len(found)} applications {wanted.label}: {remedy}"
        if found:
            return f"the account lists {wanted.label} without a code, so it cannot be changed"
        return f"the account has no application {wanted.label}{self._hint(wanted)}"

    def _hint(self, wanted: WantedApplication) -> str:
        same = [one for one in self._applications if wanted.id and one.id == wanted.id]
        if same:
            return f": the one with this ID is “{same[0].name}”"
        namesakes = self._by_name.get(wanted.name, [])
        if namesakes and wanted.id:
            return f": the one of this name has the ID {namesakes[0].id}"
        if namesakes:
            return " with this code"
        folded = {name.casefold(): name for name in self._by_name}
        near = get_close_matches(wanted.name.casefold(), folded, n=1, cutoff=0.75)
        return f": is it “{folded[near[0]]}”?" if near else ""


def _repeated(first: ResolvedApplication) -> str:
    return (
        f"this is the application of line {first.wanted.position.line} once more:"
        " write all of its actions there"
    )
