"""The journal of plans: changes of a setup in several requests, which survive their process."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.archive.plans.journal import (
        StoredPlan,
        StoredStep,
        current_keys,
        read_all_steps,
        read_applied,
        read_plan,
        read_plans,
        read_steps,
        record_step,
        set_plan_state,
        store_applied,
        store_plan,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "journal": (
                "StoredPlan StoredStep current_keys read_all_steps read_applied read_plan "
                "read_plans read_steps record_step set_plan_state store_applied store_plan"
            ),
        },
    )

__all__ = [
    "StoredPlan",
    "StoredStep",
    "current_keys",
    "read_all_steps",
    "read_applied",
    "read_plan",
    "read_plans",
    "read_steps",
    "record_step",
    "set_plan_state",
    "store_applied",
    "store_plan",
]
