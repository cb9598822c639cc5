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
    from ibconsole.services.setup.plans.plan_journal import (
        JournalledPlan,
        NoSuchPlan,
        PlanJournal,
        PlanState,
    )
    from ibconsole.services.setup.plans.review import (
        PlanReview,
        ReviewedStep,
        describe_step,
        plan_text,
        summarize,
    )
    from ibconsole.services.setup.plans.runner import (
        Drifted,
        OnProgress,
        PlanBusy,
        PlannedSetup,
        PlanResult,
        PlanRunner,
        StepFailed,
        StepUnclear,
        WrongAccount,
        choose_steps,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "plan": ("Plan PlanKind PlannedStep StepKind StepProgress decode_plan encode_plan"),
            "plan_journal": "JournalledPlan NoSuchPlan PlanJournal PlanState",
            "runner": (
                "Drifted OnProgress PlanBusy PlannedSetup PlanResult PlanRunner StepFailed "
                "StepUnclear WrongAccount choose_steps"
            ),
            "review": "PlanReview ReviewedStep describe_step plan_text summarize",
        },
    )

__all__ = [
    "Drifted",
    "JournalledPlan",
    "NoSuchPlan",
    "OnProgress",
    "Plan",
    "PlanBusy",
    "PlanJournal",
    "PlanKind",
    "PlanResult",
    "PlanReview",
    "PlanRunner",
    "PlanState",
    "PlannedSetup",
    "PlannedStep",
    "ReviewedStep",
    "StepFailed",
    "StepKind",
    "StepProgress",
    "StepUnclear",
    "WrongAccount",
    "choose_steps",
    "decode_plan",
    "describe_step",
    "encode_plan",
    "plan_text",
    "summarize",
]
