"""Comparisons as people see them: the view of rows, and the dialog on two bodies."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.comparison.presenter import BodyComparisonPresenter
    from ibconsole.ui.comparison.view import ComparisonView
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "presenter": "BodyComparisonPresenter",
            "view": "ComparisonView",
        },
    )

__all__ = ["BodyComparisonPresenter", "ComparisonView"]
