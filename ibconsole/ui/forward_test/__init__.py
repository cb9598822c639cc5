"""The forward test: one request to a forward URL, and the verdict on its answer."""

from ibconsole.ui.forward_test.pane import ForwardTestPane
from ibconsole.ui.forward_test.presenter import ForwardTestPresenter

__all__ = [
    "ForwardTestPane",
    "ForwardTestPresenter",
]
