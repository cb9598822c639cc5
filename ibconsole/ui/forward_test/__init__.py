"""The forward test: one request to a forward URL, and the verdict on its answer."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.forward_test.pane import ForwardTestPane
    from ibconsole.ui.forward_test.presenter import ForwardTestPresenter
    from ibconsole.ui.forward_test.result_view import ResultView
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "pane": "ForwardTestPane",
            "presenter": "ForwardTestPresenter",
            "result_view": "ResultView",
        },
    )

__all__ = [
    "ForwardTestPane",
    "ForwardTestPresenter",
    "ResultView",
]
