"""Plans in the window: their review and progress, undo, and the setup as a file."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.plans.plan_dialog import PlanDialog, PlanPlace
else:
    __getattr__ = lazy_names(__name__, {"plan_dialog": "PlanDialog PlanPlace"})

__all__ = ["PlanDialog", "PlanPlace"]
