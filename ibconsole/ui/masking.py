"""Codes that are credentials, as they may be shown."""

_ENDS = 4


def masked(code: str) -> str:
    """The first and last four characters: enough to recognize a code, not to use it.

    An application's code doubles as the mobile SDK's credential (platform.md §3).
    """
    if not code:
        return ""
    if len(code) < 4 * _ENDS:
        return "…"
    return f"{code[:_ENDS]}…{code[-_ENDS:]}"
