"""The commands for what is sent again: giving messages back, and the proof of their way."""

from ibconsole.cli.redelivery.custody import custody

__all__ = ["custody"]
