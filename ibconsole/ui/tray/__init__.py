"""The icon in the tray of the desktop: how the sources are, and a window that is kept behind it."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.tray.presenter import TrayPresenter
    from ibconsole.ui.tray.source_states import describe_sources
    from ibconsole.ui.tray.system_tray import SystemTray
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "presenter": "TrayPresenter",
            "source_states": "describe_sources",
            "system_tray": "SystemTray",
        },
    )

__all__ = ["SystemTray", "TrayPresenter", "describe_sources"]
