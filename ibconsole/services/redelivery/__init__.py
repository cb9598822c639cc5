"""Redelivery: messages sent again, or given back, with a ledger of what came of each."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.archive.ledger import (
        Anchor,
        AnswerNote,
        Attempt,
        Decision,
        DecisionNote,
        EntryKind,
        ItemCounts,
        ItemPage,
        ItemState,
        LedgerEntry,
        LedgerItem,
        LedgerReader,
        Outcome,
        Redelivery,
        RedeliveryAnswer,
        RedeliveryBusy,
        RedeliveryForm,
        RedeliveryKind,
        RedeliveryOptions,
        RedeliveryPage,
        RedeliveryState,
        TeamUse,
    )
    from ibconsole.services.redelivery.answer_comparison import compare_answers
    from ibconsole.services.redelivery.async_ledger import (
        AsyncLedger,
        ItemHistory,
        RedeliveryRow,
        RedeliveryRows,
    )
    from ibconsole.services.redelivery.owners import SendingRules
    from ibconsole.services.redelivery.planning import (
        create_redelivery,
        plan_redelivery,
        require_possible,
    )
    from ibconsole.services.redelivery.redeliveries import Redeliveries
    from ibconsole.services.redelivery.reporting import plan_as_object, plan_sentences
    from ibconsole.services.redelivery.runner import RedeliveryControl, RedeliveryRunner
    from ibconsole.services.redelivery.values import (
        FASTEST,
        LARGEST_BATCH,
        MOST_PARALLEL,
        BadRedelivery,
        RedeliveryPlan,
        RedeliveryProgress,
        RedeliveryRequest,
        retry_law_of,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "ibconsole.archive.ledger": (
                "Anchor AnswerNote Attempt Decision DecisionNote EntryKind ItemCounts ItemPage "
                "ItemState LedgerEntry LedgerItem LedgerReader Outcome Redelivery "
                "RedeliveryAnswer RedeliveryBusy RedeliveryForm RedeliveryKind RedeliveryOptions "
                "RedeliveryPage RedeliveryState TeamUse"
            ),
            "answer_comparison": "compare_answers",
            "async_ledger": "AsyncLedger ItemHistory RedeliveryRow RedeliveryRows",
            "owners": "SendingRules",
            "planning": "create_redelivery plan_redelivery require_possible",
            "redeliveries": "Redeliveries",
            "reporting": "plan_as_object plan_sentences",
            "runner": "RedeliveryControl RedeliveryRunner",
            "values": (
                "BadRedelivery FASTEST LARGEST_BATCH MOST_PARALLEL RedeliveryPlan "
                "RedeliveryProgress RedeliveryRequest retry_law_of"
            ),
        },
    )

__all__ = [
    "FASTEST",
    "LARGEST_BATCH",
    "MOST_PARALLEL",
    "Anchor",
    "AnswerNote",
    "AsyncLedger",
    "Attempt",
    "BadRedelivery",
    "Decision",
    "DecisionNote",
    "EntryKind",
    "ItemCounts",
    "ItemHistory",
    "ItemPage",
    "ItemState",
    "LedgerEntry",
    "LedgerItem",
    "LedgerReader",
    "Outcome",
    "Redeliveries",
    "Redelivery",
    "RedeliveryAnswer",
    "RedeliveryBusy",
    "RedeliveryControl",
    "RedeliveryForm",
    "RedeliveryKind",
    "RedeliveryOptions",
    "RedeliveryPage",
    "RedeliveryPlan",
    "RedeliveryProgress",
    "RedeliveryRequest",
    "RedeliveryRow",
    "RedeliveryRows",
    "RedeliveryRunner",
    "RedeliveryState",
    "SendingRules",
    "TeamUse",
    "compare_answers",
    "create_redelivery",
    "plan_as_object",
    "plan_redelivery",
    "plan_sentences",
    "require_possible",
    "retry_law_of",
]
