"""Plans that undo an act: what it deleted is created again, and what it created is deleted.

A plan is made for the setup as it is now: what is as it was already is left out, and what others
did meanwhile stays.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from ibconsole.archive.history import SetupPart, SetupPoint, points_of
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.files import is_missing
from ibconsole.model import Application
from ibconsole.services.connections import Account
from ibconsole.services.runtime import Paths
from ibconsole.services.setup import (
    read_route,
    route_bytes,
)
from ibconsole.services.setup.plans.acts import (
    ActRecord,
    SetupAct,
    application_names,
    describe_act,
    describe_acts,
    naming,
    next_to_undo,
    planned_names,
    read_acts,
)
from ibconsole.services.setup.plans.application_undo import ApplicationUndo
from ibconsole.services.setup.plans.execution import PlannedSetup
from ibconsole.services.setup.plans.plan import TWICE, Plan, PlanKind
from ibconsole.services.setup.plans.plan_journal import PlanJournal
from ibconsole.services.setup.plans.runner import PlanRunner
from ibconsole.text import mask_code

_SHORTEST_ID = 4  # characters of an act's id that are enough, if no other act begins with them
_NEW_KEYS = "What is created again has a new key; what uses the old one needs the new one."
_NEW_ORDER = "Actions may be listed in another order than before."
_MESSAGES = (
    "Messages that arrived meanwhile do not come back: they went where the setup sent them then."
)


OnRead = Callable[[int, int], object]


def _ignore(_read: int, _all: int) -> None:
    """Show no progress."""


class NoSuchAct(UserError):
    """There is no act of this id, or several ids begin like this."""


class NotUndoable(UserError):
    """Nothing of an act can be undone, or nothing is left of it to undo."""


class UndoConflict(UserError):
    """Others changed the setup since, so that it is not clear what should be undone.

    `can_be_put` is true if what was deleted can be put into the configuration that exists now.
    """

    def __init__(self, sentences: Sequence[str], *, can_be_put: bool) -> None:
        self.can_be_put = can_be_put
        super().__init__(f"{' '.join(sentences)} Nothing was sent.")


class UndoSetup(PlannedSetup, Protocol):
    """The setup of an account, with the names of its applications; `Platform` is one."""

    async def applications(self) -> list[Application]: ...


class Undo:
    """The acts of one account's users, and plans that undo them."""

    def __init__(self, account: Account, setup: UndoSetup, paths: Paths) -> None:
        self._account = account
        self._setup = setup
        self._path = paths.archive
        self._runner = PlanRunner(account, setup, paths)

    async def acts(self) -> Sequence[SetupAct]:
        """Return the acts of the connection; see `read_setup_acts`."""
        return await read_setup_acts(self._path, self._account.connection)

    async def build(
        self, act: str = "", *, into_existing: bool = False, on_progress: OnRead = _ignore
    ) -> Plan:
        """Return a plan that undoes an act, by its id or the beginning of it; "" for the newest.

        With `into_existing`, what was deleted with its configuration is put into the one that
        others created meanwhile. `on_progress` is called with the number of applications that were
        read, and that of all. Raises NoSuchAct, NotUndoable, UndoConflict, ArchiveError, or
        ApiError if the setup cannot be read; nothing is sent but reads.
        """
        connection, journal = self._account.connection, self._runner.journal
        plans = await journal.plans(connection)
        records = await asyncio.to_thread(read_acts, self._path, connection)
        chosen = _chosen(describe_acts(records, plans, mask_code), act)
        record = next(one for one in records if one.id == chosen.id)
        for found in plans:
            if found.plan.undoes == chosen.id and found.left:
                await self._runner.settle(found)
        own = next((found for found in plans if found.plan.id == chosen.id), None)
        name_of = await self._naming(record)
        keys = await journal.current_keys(connection)
        parts = []
        codes = list(dict.fromkeys(change.application for change in record.changes))
        for number, code in enumerate(codes):
            on_progress(number, len(codes))
            now = await read_route(self._setup, code)
            points = await asyncio.to_thread(_points, self._path, connection, code)
            part = ApplicationUndo(record, code, now, points, keys)
            part.plan(name_of(code), into_existing=into_existing)
            parts.append(part)
        return self._plan(chosen.id, _title(describe_act(record, own, name_of)), parts)

    async def _naming(self, record: ActRecord) -> Callable[[str], str]:
        """Return a function from codes to names, of which those of this act are known."""
        names = await asyncio.to_thread(application_names, self._path, self._account.connection)
        if not all(names.get(code) for code in record.applications):
            names = {one.code: one.name for one in await self._setup.applications()}
        return naming(names)

    def _plan(self, act: str, title: str, parts: Sequence[ApplicationUndo]) -> Plan:
        conflicts = [sentence for part in parts for sentence in part.conflicts]
        if conflicts:
            raise UndoConflict(conflicts, can_be_put=all(part.can_be_put for part in parts))
        unnumbered = [step for part in parts for step in part.creations]
        unnumbered += [step for part in parts for step in part.deletions]
        notes = [note for part in parts for note in part.notes]
        if not unnumbered:
            raise NotUndoable(" ".join(["There is nothing to undo.", *dict.fromkeys(notes)]))
        if any(not step.kind.deletes for step in unnumbered):
            notes += [_NEW_KEYS, _NEW_ORDER]
        if len({step.kind.deletes for step in unnumbered}) > 1:
            notes.append(TWICE)
        return Plan(
            connection=self._account.connection,
            base_url=self._account.base_url,
            kind=PlanKind.UNDO,
            title=title,
            steps=tuple(
                msgspec.structs.replace(step, number=number)
                for number, step in enumerate(unnumbered, start=1)
            ),
            expected={
                part.code: route_bytes(part.now).decode()
                for part in parts
                if part.creations or part.deletions
            },
            made_at=now_ms(),
            notes=(*dict.fromkeys(notes), _MESSAGES),
            undoes=act,
        )


async def read_setup_acts(path: Path, connection: str) -> Sequence[SetupAct]:
    """Read the acts that changed the setup of a connection, or were to, the newest first.

    Raises ArchiveError.
    """
    plans = await PlanJournal(path).plans(connection)

    def read() -> Sequence[SetupAct]:
        names = {**planned_names(plans), **application_names(path, connection)}
        name_of = naming(names)
        return describe_acts(read_acts(path, connection), plans, name_of)

    return await asyncio.to_thread(read)


def _chosen(acts: Sequence[SetupAct], act: str) -> SetupAct:
    if not act:
        found = next_to_undo(acts)
        if found is None:
            raise NotUndoable("There is no change on this connection that can be undone.")
        return found
    matching = [one for one in acts if one.id == act] or [
        one for one in acts if len(act) >= _SHORTEST_ID and one.id.startswith(act)
    ]
    if len(matching) != 1:
        problem = "Several changes have" if matching else "There is no change with"
        raise NoSuchAct(f"{problem} the ID {act} on this connection. Nothing was sent.")
    if not matching[0].can_be_undone:
        raise NotUndoable(f"{matching[0].reason} Nothing was sent.")
    return matching[0]


def _title(what: str) -> str:
    for begin, other in (("Undo: ", "Redo: "), ("Redo: ", "Undo: ")):
        if what.startswith(begin):
            return other + what.removeprefix(begin)
    return f"Undo: {what}"


def _points(path: Path, connection: str, code: str) -> Sequence[SetupPoint]:
    if is_missing(path):
        return ()
    return points_of(path, connection, code, SetupPart.ROUTE)
