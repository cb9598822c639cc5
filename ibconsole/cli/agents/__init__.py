"""Terminal command that serves agents."""

from ibconsole.cli.agents.mcp import mcp

__all__ = ["mcp"]
