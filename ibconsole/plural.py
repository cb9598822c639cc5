"""Singular and plural of counted things."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """Write a number and its noun: `1 message`, `2,000 messages`, `2 bodies`.

    The plural adds an s, unless it is given.
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"
