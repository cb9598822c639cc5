"""The commands for what is sent again: giving messages back, and the proof of their way."""

from ibconsole.cli.redelivery.custody import custody
from ibconsole.cli.redelivery.give_back import give_back
from ibconsole.cli.redelivery.resend import resend

__all__ = ["custody", "give_back", "resend"]
