"""Columns from JSON paths and highlight rules of the list of messages: dialogs and presenter."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.list_display.presenter import ListDisplayPresenter
else:
    __getattr__ = lazy_names(__name__, {"presenter": "ListDisplayPresenter"})

__all__ = ["ListDisplayPresenter"]
