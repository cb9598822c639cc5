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
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "plan": ("Plan PlanKind PlannedStep StepKind StepProgress decode_plan encode_plan"),
        },
    )

__all__ = [
    "Plan",
    "PlanKind",
    "PlannedStep",
    "StepKind",
    "StepProgress",
    "decode_plan",
    "encode_plan",
]
