"""Plans in the window: their review and progress, undo, and the setup as a file."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.plans.plan_presenter import PlanPresenter
    from ibconsole.ui.plans.setup_file_presenter import SetupFilePresenter
    from ibconsole.ui.plans.undo_presenter import UndoPresenter
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "plan_presenter": "PlanPresenter",
            "setup_file_presenter": "SetupFilePresenter",
            "undo_presenter": "UndoPresenter",
        },
    )

__all__ = ["PlanPresenter", "SetupFilePresenter", "UndoPresenter"]
