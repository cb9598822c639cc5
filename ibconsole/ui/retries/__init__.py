"""The retry simulation as people see it: an endpoint that is drawn, a chart, and a table."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.retries.presenter import RetriesPresenter
else:
    __getattr__ = lazy_names(__name__, {"presenter": "RetriesPresenter"})

__all__ = ["RetriesPresenter"]
