"""Redeliveries for the window: planned, stored, run, and decided about, on the engine's loop."""

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from ibconsole.secret import MASK
from ibconsole.services import give_back, messages, redelivery  # imported when first used
from ibconsole.services.connections import Connections, TeamAccess
from ibconsole.services.console.console import Console
from ibconsole.services.runtime import Engine
from ibconsole.services.setup import history


class RemoteRedelivery:
    """The redeliveries of the console's archive; see `Redeliveries`.

    A dry run that is cancelled ends at its next page. `connections` are the saved ones, None if
    there are none: what is given back is claimed in the archives of their teams.
    """

    def __init__(
        self, engine: Engine, console: Console, connections: Connections | None = None
    ) -> None:
        self._engine = engine
        self._console = console
        self._archive = console.paths.archive
        self._connections = connections

    async def plan(self, request: "redelivery.RedeliveryRequest") -> "redelivery.RedeliveryPlan":
        """Return what would be sent, also of a connection that is locked; see `plan_redelivery`."""
        return await messages.run_in_worker(
            lambda report: redelivery.plan_redelivery(self._archive, request, report), _ignore
        )

    async def plan_give_back(
        self, request: "give_back.GiveBackRequest"
    ) -> "give_back.GiveBackPlan":
        """Return what is missing, also of a connection that is locked; see `plan_give_back`."""
        return await self._plan_give_back(request, await self._team_of(request))

    async def create(self, request: "redelivery.RedeliveryRequest") -> int:
        """Store a job, and return its id; see `Redeliveries.create`."""
        request = await self._as_observed(request)
        return (await self._engine.call(self._console.redeliveries.create, request)).id

    async def create_give_back(self, request: "give_back.GiveBackRequest") -> int:
        """Store a job of what is missing, and return its id; see `create_give_back`.

        Raises NotPermitted if the URL may not be sent to.
        """
        redeliveries, url = self._console.redeliveries, request.sending.url
        await self._engine.call(redeliveries.require, url)
        team = await self._team_of(request)
        plan = await self._plan_give_back(request, team)
        await self._engine.call(redeliveries.require, url, plan.counts.connections)
        request = replace(request, sending=await self._as_observed(request.sending))
        return await asyncio.to_thread(
            lambda: give_back.create_give_back(self._archive, request, team=team)
        )

    async def run(self, job: int) -> None:
        """Run a job until nothing of it waits; see `Redeliveries.run`.

        What it gives back is claimed in the team's archive before, and settled there afterwards.
        Raises TeamNotAsked and ClaimsRemain.
        """
        team = await self._team_of_job(job)
        if team:
            await self._claim_again(job, team)
        await self._engine.call(self._console.redeliveries.run, job)
        await self._settle(job, team)

    async def pause(self, job: int) -> None:
        """See `Redeliveries.pause`."""
        await self._engine.call(self._pause, job)

    async def cancel(self, job: int) -> None:
        """See `Redeliveries.cancel`.

        Raises ClaimsRemain if it is cancelled, and its claims in the team's archive stay for now.
        """
        await self._engine.call(self._console.redeliveries.cancel, job)
        await self._settle(job, await self._team_of_job(job))

    async def decide(
        self,
        job: int,
        decision: "redelivery.Decision",
        items: Sequence[int] | None,
        state: "redelivery.ItemState",
    ) -> int:
        """Decide about items of a job, about all of them in this state if `items` is None."""
        redeliveries = self._console.redeliveries
        if items is None:
            return await self._engine.call(redeliveries.decide_all, job, decision, state)
        return await self._engine.call(redeliveries.decide, decision, items)

    async def forward_urls(self, application: str) -> Sequence[str]:
        """Return the URLs that an application's messages were forwarded to, as far as is known.

        URLs with a log-in are left out: the history has it masked. Raises ArchiveError.
        """
        connection = self._console.status.connection.id
        found = await asyncio.to_thread(
            history.forward_urls, self._archive, connection, application, 0
        )
        return sorted(url for url in found if MASK not in url)

    async def _plan_give_back(
        self, request: "give_back.GiveBackRequest", team: TeamAccess | None
    ) -> "give_back.GiveBackPlan":
        return await messages.run_in_worker(
            lambda report: give_back.plan_give_back(self._archive, request, report, team), _ignore
        )

    async def _team_of(self, request: "give_back.GiveBackRequest") -> TeamAccess | None:
        return await self._teams().of_messages(
            request, self._console.status.connection.id, self._console.team
        )

    async def _team_of_job(self, job: int) -> TeamAccess | None:
        """Return the team in whose archive a job has claimed its messages; None without one."""
        found = await self._engine.call(self._console.redeliveries.job, job)
        if found.options.team is not redelivery.TeamUse.CLAIMED:
            return None
        return await self._teams().of_job(
            job, self._console.status.connection.id, self._console.team
        )

    def _teams(self) -> "give_back.GiveBackTeams":
        return give_back.GiveBackTeams(self._connections, self._archive)

    async def _claim_again(self, job: int, team: TeamAccess) -> None:
        try:
            await asyncio.to_thread(give_back.claim_again, self._archive, job, team)
        except give_back.TeamNotAsked as error:
            raise give_back.TeamNotAsked(
                f"{error} In a terminal, `ibconsole give-back resume {job} --without-team` goes on"
                " without it.",
                details=error.details,
            ) from error

    async def _settle(self, job: int, team: TeamAccess | None) -> None:
        if team:
            await asyncio.to_thread(give_back.settle_claims, self._archive, job, team)

    async def _as_observed(
        self, request: "redelivery.RedeliveryRequest"
    ) -> "redelivery.RedeliveryRequest":
        """Return a request whose sender is the platform as its forwards show it, if there are any.

        Only where messages are sent as by the platform.
        """
        if request.form is not redelivery.RedeliveryForm.AS_PLATFORM:
            return request
        observed = await self._engine.call(self._console.forward_tests.observed_sender)
        return replace(request, sender=observed) if observed else request

    async def _pause(self, job: int) -> None:
        self._console.redeliveries.pause(job)


def _ignore(_: object) -> None:
    """Show no progress: a dry run of a hundred thousand messages takes a second."""
