"""Planning and applying of files on one account, with the memory of what was applied before."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import msgspec
from msgspec.structs import replace

from ibconsole.clock import now_ms
from ibconsole.lazy import LazyModule
from ibconsole.model import (
    ActionDraft,
    Application,
    Undecodable,
    encode_as_read,
    parse,
)
from ibconsole.services.connections import Account
from ibconsole.services.runtime import Paths
from ibconsole.services.setup.applying.differences import AppliedActions
from ibconsole.services.setup.applying.planning import PlanOptions, SetupPlan, build_plan
from ibconsole.services.setup.applying.reading import read_account
from ibconsole.services.setup.files import SetupFile
from ibconsole.services.setup.plans import (
    VERIFY_PAUSES,
    JournalledPlan,
    NoSuchPlan,
    Plan,
    PlanJournal,
    PlanKind,
    PlannedSetup,
    PlanResult,
    PlanRunner,
    PlanState,
    StepProgress,
)

if TYPE_CHECKING:
    from ibconsole.archive import plans as archive
    from ibconsole.services.setup.applying.reading import OnProgress
else:
    archive = LazyModule("ibconsole.archive.plans")


class SetupAccount(PlannedSetup, Protocol):
    """Reads and changes the setup of an account; `Platform` is one."""

    async def applications(self) -> list[Application]: ...


class SetupApplier:
    """Makes plans from files for one account, and carries them out.

    The archive of `paths` has the journal of plans, and what was applied last to each application.
    It is created by what stores something. `pauses` are those of the PlanRunner.
    """

    def __init__(
        self,
        account: Account,
        setup: SetupAccount,
        paths: Paths,
        *,
        pauses: Sequence[float] = VERIFY_PAUSES,
    ) -> None:
        self._account = account
        self._setup = setup
        self._paths = paths
        self._pauses = pauses
        self.journal = PlanJournal(paths.archive)

    async def plan(
        self,
        file: SetupFile,
        *,
        title: str,
        kind: PlanKind = PlanKind.APPLY,
        prune: bool = False,
        on_progress: "OnProgress | None" = None,
    ) -> SetupPlan:
        """Read what the file is about, and return the plan; nothing is stored.

        Raises InvalidDocument if the file does not fit the account, RouteNotRead, an ApiError, or
        ArchiveError.
        """
        state = await read_account(self._setup, file, on_progress)
        options = PlanOptions(
            connection=self._account.connection,
            base_url=self._account.base_url,
            title=title,
            kind=kind,
            prune=prune,
        )
        return build_plan(file, state.resolved, state.routes, await self._read_applied(), options)

    async def find(self, plan_id: str) -> JournalledPlan:
        """Return a stored plan of this account. Raises NoSuchPlan, or ArchiveError."""
        stored = await self.journal.load(plan_id)
        if stored.plan.connection != self._account.connection:
            raise NoSuchPlan(
                f"Plan {plan_id} was made for another account ({stored.plan.base_url})."
                " Nothing was sent."
            )
        return stored

    async def find_interrupted(self, title: str) -> JournalledPlan:
        """Return the newest plan of this title that was begun, if it has steps left.

        An older one is not returned: a newer plan took its place. Raises NoSuchPlan, or
        ArchiveError.
        """
        for stored in await self.journal.plans(self._account.connection):
            if stored.plan.title != title or stored.state is PlanState.PLANNED:
                continue
            if stored.state is not PlanState.DONE and stored.left:
                return stored
            break
        raise NoSuchPlan(
            f"No plan with the title “{title}” was interrupted here. Nothing was sent; apply"
            " the file without --resume."
        )

    async def apply(
        self,
        planned: SetupPlan,
        stored: JournalledPlan | None = None,
        *,
        on_progress: Callable[[StepProgress], object] = lambda _: None,
        is_stopped: Callable[[], bool] = bool,
    ) -> PlanResult:
        """Carry out a plan that was just made, or the `stored` one that is equal to it.

        See `PlanRunner.run`, and `choose_from` for a part of a plan. What is applied is remembered,
        also of a plan that ends early.
        """
        plan = stored.plan if stored else planned.plan
        if not plan.steps or (stored and stored.state is PlanState.DONE):
            await self._store_applied(planned.applied)
            return PlanResult(replace(plan, steps=()), PlanState.DONE, ())
        await self._store_applied(await self._wanted_and_applied(planned))
        runner = PlanRunner(self._account, self._setup, self._paths, pauses=self._pauses)
        result = await runner.run(plan, on_progress, is_stopped)
        unfinished = {step.application for step in result.left}
        await self._store_applied(
            {code: value for code, value in planned.applied.items() if code not in unfinished}
        )
        return result

    async def _wanted_and_applied(self, planned: SetupPlan) -> Mapping[str, AppliedActions]:
        """Return what is remembered of the applications while it is being applied.

        What a killed process has created is not taken for what was made elsewhere.
        """
        before = await self._read_applied()
        return {
            code: (*before.get(code, ()), *drafts)
            for code, drafts in _created_drafts(planned.plan).items()
        }

    async def _read_applied(self) -> Mapping[str, AppliedActions]:
        stored = await asyncio.to_thread(
            archive.read_applied, self._paths.archive, self._account.connection
        )
        applied = {}
        for code, content in stored.items():
            # What another version has stored is as good as unknown: nothing is claimed about it.
            with suppress(Undecodable, msgspec.ValidationError):
                applied[code] = msgspec.convert(parse(content.encode()), AppliedActions)
        return applied

    async def _store_applied(self, applied: Mapping[str, AppliedActions]) -> None:
        if not applied:
            return
        content = {
            code: encode_as_read(msgspec.to_builtins(one)).decode() for code, one in applied.items()
        }
        await asyncio.to_thread(
            archive.store_applied,
            self._paths.archive,
            self._account.connection,
            content,
            now_ms(),
        )


def _created_drafts(plan: Plan) -> Mapping[str, Sequence[ActionDraft]]:
    """Return the actions that a plan creates, by the codes of their applications."""
    found: dict[str, list[ActionDraft]] = {}
    for step in plan.steps:
        if step.draft:
            found.setdefault(step.application, []).append(step.draft)
    return found
