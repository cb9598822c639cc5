"""The diagnosis: the health of all applications, and the findings about each."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.diagnosis.health_bar import HealthBar
    from ibconsole.ui.diagnosis.health_column import HealthBook, HealthCells
    from ibconsole.ui.diagnosis.health_presenter import HealthPresenter
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "health_bar": "HealthBar",
            "health_column": "HealthBook HealthCells",
            "health_presenter": "HealthPresenter",
        },
    )

__all__ = [
    "HealthBar",
    "HealthBook",
    "HealthCells",
    "HealthPresenter",
]
