"""The audit: what was changed in accounts and pulled from them, by whom, and why."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.audit.pane import AuditPane
    from ibconsole.ui.audit.presenter import AuditPresenter
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "pane": "AuditPane",
            "presenter": "AuditPresenter",
        },
    )

__all__ = [
    "AuditPane",
    "AuditPresenter",
]
