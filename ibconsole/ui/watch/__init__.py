"""The watch: its dialog, its notifications, and the way from an alarm to its remedy."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.watch.notifications import TrayNotifications
    from ibconsole.ui.watch.presenter import WatchPresenter
else:
    __getattr__ = lazy_names(
        __name__, {"notifications": "TrayNotifications", "presenter": "WatchPresenter"}
    )

__all__ = ["TrayNotifications", "WatchPresenter"]
