"""The diagnosis: the health of all applications, and the findings about each."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.diagnosis.health_bar import HealthBar
    from ibconsole.ui.diagnosis.health_column import HealthBook, HealthCells
    from ibconsole.ui.diagnosis.health_presenter import HealthPresenter
    from ibconsole.ui.diagnosis.pane import HealthPane, WantedFinding
    from ibconsole.ui.diagnosis.presenter import DiagnosisPresenter
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "health_bar": "HealthBar",
            "health_column": "HealthBook HealthCells",
            "health_presenter": "HealthPresenter",
            "pane": "HealthPane WantedFinding",
            "presenter": "DiagnosisPresenter",
        },
    )

__all__ = [
    "DiagnosisPresenter",
    "HealthBar",
    "HealthBook",
    "HealthCells",
    "HealthPane",
    "HealthPresenter",
    "WantedFinding",
]
