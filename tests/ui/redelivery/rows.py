"""Jobs as values, for tests that need no archive."""

from ibconsole.archive.ledger.records import (
    ItemCounts,
    Redelivery,
    RedeliveryForm,
    RedeliveryKind,
    RedeliveryOptions,
    RedeliveryState,
)
from ibconsole.services.redelivery.async_ledger import RedeliveryRow

URL = "https://anna:pw@customer.example/in"


def job_row(state: RedeliveryState, number: int = 1, **counts: int) -> RedeliveryRow:
    """Return a job in this state, with these numbers of messages by state."""
    job = Redelivery(
        id=number,
        kind=RedeliveryKind.GIVE_BACK,
        state=state,
        connection="c",
        url=URL,
        form=RedeliveryForm.AS_RECEIVED,
        options=RedeliveryOptions(),
        made_at=number * 1000,
    )
    return RedeliveryRow(job, ItemCounts(**counts))
