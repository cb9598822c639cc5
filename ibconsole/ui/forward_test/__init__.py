"""The forward test: what to send, and what came back."""

from ibconsole.ui.forward_test.forward_test import ForwardTestPane, ForwardTestPresenter

__all__ = [
    "ForwardTestPane",
    "ForwardTestPresenter",
]
