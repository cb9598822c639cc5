"""Text for tooltips, which Qt takes for HTML when it looks like it."""

from html import escape


def plain_tooltip(text: str) -> str:
    """The text as it is, wrapped where it is long: it may have been written by strangers."""
    return f'<p style="white-space: pre-wrap">{escape(text)}</p>' if text else ""
