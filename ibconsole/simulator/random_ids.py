"""Random numbers and identifiers that a seed determines."""

import random
import uuid


class RandomIds(random.Random):
    """A generator for one purpose, independent of those for other purposes.

    The same seed and purpose produce the same numbers and identifiers.
    """

    def __init__(self, seed: int, purpose: str) -> None:
        super().__init__(f"{seed}/{purpose}")

    def uuid(self) -> str:
        """Return a random UUID in lower case."""
        return str(uuid.UUID(int=self.getrandbits(128), version=4))

    def code(self) -> str:
        """Return an application code or an API key: 32 hexadecimal digits, a hyphen, a UUID."""
        return f"{self.getrandbits(128):032x}-{self.uuid()}"

    def key(self) -> str:
        """Return an ID or the key of a configuration or action: 32 upper-case hex digits."""
        return f"{self.getrandbits(128):032X}"

    def message_id(self) -> str:
        """Return a message ID: mostly 19 digits (> 2^53), sometimes a UUID in either case."""
        if self.random() < 0.9:
            return str(self.randrange(1_500_000_000_000_000_000, 3_999_999_999_999_999_999))
        unique = self.uuid()
        return unique.upper() if self.random() < 0.5 else unique
