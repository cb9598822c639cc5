"""The windows of a process: which is in front, and what concerns all of them."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.windows.cascade import place_next_to
    from ibconsole.ui.windows.open_windows import OpenWindows, WindowContent
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "cascade": "place_next_to",
            "open_windows": "OpenWindows WindowContent",
        },
    )

__all__ = ["OpenWindows", "WindowContent", "place_next_to"]
