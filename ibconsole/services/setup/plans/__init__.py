"""Plans: changes of a setup in several requests, made from a file or from what is to be undone."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.setup.plans.acts import (
        SetupAct,
        UndoState,
        application_names,
        next_to_undo,
    )
    from ibconsole.services.setup.plans.execution import (
        VERIFY_PAUSES,
        Drifted,
        OnProgress,
        PlannedSetup,
        StepFailed,
        StepUnclear,
    )
    from ibconsole.services.setup.plans.plan import (
        TWICE,
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
        PlanBusy,
        PlanResult,
        PlanRunner,
        WrongAccount,
        choose_steps,
    )
    from ibconsole.services.setup.plans.undo import (
        NoSuchAct,
        NotUndoable,
        Undo,
        UndoConflict,
        read_setup_acts,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "acts": "SetupAct UndoState application_names next_to_undo",
            "undo": "NoSuchAct NotUndoable Undo UndoConflict read_setup_acts",
            "plan": (
                "TWICE Plan PlanKind PlannedStep StepKind StepProgress decode_plan encode_plan"
            ),
            "plan_journal": "JournalledPlan NoSuchPlan PlanJournal PlanState",
            "execution": "VERIFY_PAUSES Drifted OnProgress PlannedSetup StepFailed StepUnclear",
            "runner": "PlanBusy PlanResult PlanRunner WrongAccount choose_steps",
            "review": "PlanReview ReviewedStep describe_step plan_text summarize",
        },
    )

__all__ = [
    "TWICE",
    "VERIFY_PAUSES",
    "Drifted",
    "JournalledPlan",
    "NoSuchAct",
    "NoSuchPlan",
    "NotUndoable",
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
    "SetupAct",
    "StepFailed",
    "StepKind",
    "StepProgress",
    "StepUnclear",
    "Undo",
    "UndoConflict",
    "UndoState",
    "WrongAccount",
    "application_names",
    "choose_steps",
    "decode_plan",
    "describe_step",
    "encode_plan",
    "next_to_undo",
    "plan_text",
    "read_setup_acts",
    "summarize",
]
