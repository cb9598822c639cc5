"""Comparisons in the terminal."""

from ibconsole.cli.comparison.message_diff import DIFFERENT, SIGNS, diff_messages

__all__ = ["DIFFERENT", "SIGNS", "diff_messages"]
