"""Chance that a seed decides, and the identifiers it makes."""

import random
import uuid

RandomIds = random.Random


def chance(seed: int, purpose: str) -> RandomIds:
    """A source of chance of its own for a purpose, so that purposes do not disturb each other."""
    return RandomIds(f"{seed}/{purpose}")


def uuid_of(source: RandomIds) -> str:
    """A random UUID in lower case."""
    return str(uuid.UUID(int=source.getrandbits(128), version=4))


def code_of(source: RandomIds) -> str:
    """An application code or an API key: 32 hexadecimal digits, a hyphen, a UUID."""
    return f"{source.getrandbits(128):032x}-{uuid_of(source)}"


def key_of(source: RandomIds) -> str:
    """An id, or the key of a configuration or action: 32 hexadecimal digits in upper case."""
    return f"{source.getrandbits(128):032X}"


def message_id_of(source: RandomIds) -> str:
    """Mostly 19 digits, more than 2^53; sometimes a UUID in either case."""
    if source.random() < 0.9:
        return str(source.randrange(1_500_000_000_000_000_000, 3_999_999_999_999_999_999))
    made = uuid_of(source)
    return made.upper() if source.random() < 0.5 else made
