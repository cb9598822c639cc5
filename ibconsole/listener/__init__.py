"""Forwarded requests in, answers out: what a customer's server would be."""

from ibconsole.listener.listener import Listener, Received, Store

__all__ = ["Listener", "Received", "Store"]
