"""Forwarded requests in, answers out: what a customer's server would be."""

from ibconsole.listener.listener import STRANGERS_BYTES, Listener, Owner, Received, Store, Whose

__all__ = [
    "STRANGERS_BYTES",
    "Listener",
    "Owner",
    "Received",
    "Store",
    "Whose",
]
