"""Two computers of a team that have received the same messages, without shipping them."""

from pathlib import Path

import msgspec

from ibconsole.archive.ledger.jobs import JobWriter
from ibconsole.archive.ledger.reader import LedgerReader
from ibconsole.archive.ledger.records import ItemCounts, LedgerItem, Redelivery, RedeliveryState
from ibconsole.services.connections.account import TeamAccess
from ibconsole.services.give_back.planning import (
    GiveBackPlan,
    GiveBackRequest,
    create_give_back,
    default_sending,
    plan_give_back,
)
from tests.postgres import TeamDatabase
from tests.unit.services.custody.samples import CODE, CONNECTION, URL, message, pulled_archive

REQUEST = GiveBackRequest(
    application=CODE,
    sending=msgspec.structs.replace(default_sending(URL), connection=CONNECTION),
)


class Computer:
    """A computer with an archive in which some messages were pulled, by their numbers."""

    def __init__(self, path: Path, team: TeamDatabase, *numbers: int) -> None:
        self.path = path
        self.access = TeamAccess(team.address("operator"))
        self.ids = pulled_archive(path, *map(message, numbers))

    def plan(self, request: GiveBackRequest = REQUEST) -> GiveBackPlan:
        """Return what would be given back."""
        return plan_give_back(self.path, request, team=self.access)

    def create(self, request: GiveBackRequest = REQUEST) -> int:
        """Store a job of what is missing."""
        return create_give_back(self.path, request, team=self.access)

    def job(self, job: int) -> Redelivery:
        """Return a job."""
        with LedgerReader(self.path) as reader:
            found = reader.job(job)
        assert found
        return found

    def jobs(self) -> int:
        """Return the number of all jobs."""
        with LedgerReader(self.path) as reader:
            return len(reader.jobs().jobs)

    def items(self, job: int) -> tuple[LedgerItem, ...]:
        """Return the items of a job."""
        with LedgerReader(self.path) as reader:
            return reader.items(job).items

    def counts(self, job: int) -> ItemCounts:
        """Return the states of a job's items."""
        with LedgerReader(self.path) as reader:
            return reader.counts(job)

    def end(self, job: int, state: RedeliveryState = RedeliveryState.CANCELLED) -> None:
        """Cancel a job: what waits is skipped. Or only set its state."""
        with JobWriter(self.path) as writer:
            if state is RedeliveryState.CANCELLED:
                writer.cancel(job, by="anna")
            else:
                writer.set_state(job, state)


def names(items: tuple[LedgerItem, ...]) -> list[str]:
    """Return the message ids of items."""
    return [one.message_id for one in items]
