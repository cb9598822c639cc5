"""Plans: changes of a setup in several requests, made from a file or from what is to be undone."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.setup.plans.plan import (
        Plan,
        PlanKind,
        PlannedStep,
        StepKind,
        StepProgress,
        decode_plan,
        encode_plan,
    )
    from ibconsole.services.setup.plans.review import (
        PlanReview,
        ReviewedStep,
        describe_step,
        plan_text,
        summarize,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "plan": ("Plan PlanKind PlannedStep StepKind StepProgress decode_plan encode_plan"),
            "review": "PlanReview ReviewedStep describe_step plan_text summarize",
        },
    )

__all__ = [
    "Plan",
    "PlanKind",
    "PlanReview",
    "PlannedStep",
    "ReviewedStep",
    "StepKind",
    "StepProgress",
    "decode_plan",
    "describe_step",
    "encode_plan",
    "plan_text",
    "summarize",
]
