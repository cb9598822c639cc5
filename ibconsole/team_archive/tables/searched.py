"""Texts as they are stored to be searched: the same for those that write and those that read."""

from ibconsole.text import fold

_SEPARATOR = "\x1f"


def searched_text(text: str, sender: str, keyword: str, message_id: str) -> str:
    """Return a message's texts for the column `searched`: folded, and without NUL."""
    joined = _SEPARATOR.join(map(fold, (text, sender, keyword, message_id)))
    return joined.replace("\0", "\ufffd")
