"""The forward test: one request to a forward URL, and the verdict on its answer."""

from ibconsole.ui.forward_test.forward_test import ForwardTestPane, ForwardTestPresenter

__all__ = [
    "ForwardTestPane",
    "ForwardTestPresenter",
]
