"""The tour: five steps that point at parts of the window."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.tour.presenter import TourPresenter
    from ibconsole.ui.tour.steps import TourPart, TourTargets
else:
    __getattr__ = lazy_names(
        __name__,
        {"presenter": "TourPresenter", "steps": "TourPart TourTargets"},
    )

__all__ = ["TourPart", "TourPresenter", "TourTargets"]
