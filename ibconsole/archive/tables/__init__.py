"""The tables of the archive, version by version."""

from ibconsole.archive.tables.migrations import MIGRATIONS

__all__ = ["MIGRATIONS"]
