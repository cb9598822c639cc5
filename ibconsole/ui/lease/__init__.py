"""Borrowed routes: the dialog that borrows one, its countdown, and the notice of silence."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.lease.countdown import LeaseCountdown
    from ibconsole.ui.lease.presenter import CatchPresenter
    from ibconsole.ui.lease.silence import SilenceNotice
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "countdown": "LeaseCountdown",
            "presenter": "CatchPresenter",
            "silence": "SilenceNotice",
        },
    )

__all__ = ["CatchPresenter", "LeaseCountdown", "SilenceNotice"]
