"""Redeliveries in the archive: jobs, their items, and the ledger of what was sent and answered.

Entries of the ledger are only appended: triggers refuse changes, and the entries of an item form a
chain of hashes. The state of an item is that of its last entry, which is noted with it.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.archive.ledger.anchors import ItemSource, pull_row
    from ibconsole.archive.ledger.chain import chain_problem, entry_hash
    from ibconsole.archive.ledger.checking import LedgerProblem, check_ledger
    from ibconsole.archive.ledger.exchange import (
        ANSWER_KEPT,
        BuiltRequest,
        EndedRequest,
        Ledger,
    )
    from ibconsole.archive.ledger.jobs import (
        OURSELVES,
        JobWriter,
        NewItem,
        NewRedelivery,
        RedeliveryBusy,
        hold_job,
    )
    from ibconsole.archive.ledger.missing import (
        Exclude,
        MissingCounts,
        MissingCriteria,
        MissingMessages,
        find_missing,
    )
    from ibconsole.archive.ledger.reader import (
        ItemPage,
        LedgerReader,
        RedeliveryPage,
        read_entries,
    )
    from ibconsole.archive.ledger.records import (
        Anchor,
        AnswerNote,
        Attempt,
        Decision,
        DecisionNote,
        EntryKind,
        ItemCounts,
        ItemState,
        LedgerEntry,
        LedgerItem,
        Outcome,
        Redelivery,
        RedeliveryAnswer,
        RedeliveryForm,
        RedeliveryKind,
        RedeliveryOptions,
        RedeliveryState,
        TeamUse,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "anchors": "ItemSource pull_row",
            "chain": "chain_problem entry_hash",
            "checking": "LedgerProblem check_ledger",
            "exchange": "ANSWER_KEPT BuiltRequest EndedRequest Ledger",
            "jobs": "JobWriter NewItem NewRedelivery OURSELVES RedeliveryBusy hold_job",
            "missing": "Exclude MissingCounts MissingCriteria MissingMessages find_missing",
            "reader": "ItemPage LedgerReader RedeliveryPage read_entries",
            "records": (
                "Anchor AnswerNote Attempt Decision DecisionNote EntryKind ItemCounts ItemState "
                "LedgerEntry LedgerItem Outcome Redelivery RedeliveryAnswer RedeliveryForm "
                "RedeliveryKind RedeliveryOptions RedeliveryState TeamUse"
            ),
        },
    )

__all__ = [
    "ANSWER_KEPT",
    "OURSELVES",
    "Anchor",
    "AnswerNote",
    "Attempt",
    "BuiltRequest",
    "Decision",
    "DecisionNote",
    "EndedRequest",
    "EntryKind",
    "Exclude",
    "ItemCounts",
    "ItemPage",
    "ItemSource",
    "ItemState",
    "JobWriter",
    "Ledger",
    "LedgerEntry",
    "LedgerItem",
    "LedgerProblem",
    "LedgerReader",
    "MissingCounts",
    "MissingCriteria",
    "MissingMessages",
    "NewItem",
    "NewRedelivery",
    "Outcome",
    "Redelivery",
    "RedeliveryAnswer",
    "RedeliveryBusy",
    "RedeliveryForm",
    "RedeliveryKind",
    "RedeliveryOptions",
    "RedeliveryPage",
    "RedeliveryState",
    "TeamUse",
    "chain_problem",
    "check_ledger",
    "entry_hash",
    "find_missing",
    "hold_job",
    "pull_row",
    "read_entries",
]
