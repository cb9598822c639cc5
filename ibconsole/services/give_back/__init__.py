"""Giving back: what a URL is missing of an application's messages, delivered with a ledger."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.give_back.planning import (
        GiveBackPlan,
        GiveBackRequest,
        NothingMissing,
        create_give_back,
        default_sending,
        plan_give_back,
        standing_sentence,
    )
    from ibconsole.services.give_back.reporting import (
        counts_sentence,
        item_object,
        job_lines,
        job_object,
        next_steps,
        plan_lines,
        plan_object,
        progress_line,
        who_else,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "planning": (
                "GiveBackPlan GiveBackRequest NothingMissing create_give_back default_sending "
                "plan_give_back standing_sentence"
            ),
            "reporting": (
                "counts_sentence item_object job_lines job_object next_steps plan_lines "
                "plan_object progress_line who_else"
            ),
        },
    )

__all__ = [
    "GiveBackPlan",
    "GiveBackRequest",
    "NothingMissing",
    "counts_sentence",
    "create_give_back",
    "default_sending",
    "item_object",
    "job_lines",
    "job_object",
    "next_steps",
    "plan_give_back",
    "plan_lines",
    "plan_object",
    "progress_line",
    "standing_sentence",
    "who_else",
]
