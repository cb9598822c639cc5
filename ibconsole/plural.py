"""Singular and plural of counted things."""


def counted(number: int, noun: str) -> str:
    """Write a number and its noun: `1 message`, `2,000 messages`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
