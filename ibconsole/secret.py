"""Secrets that are masked whenever they are printed."""

MASK = "••••"


class Secret:
    """A secret value; every way of printing it shows a mask.

    `reveal()` is the only way to read it, so that all uses can be found by that name.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the secret itself, for the header that carries it."""
        return self._value

    def mask(self, text: str) -> str:
        """Return the text with every occurrence of the secret replaced by a mask."""
        return text.replace(self._value, MASK) if self._value else text

    def mask_bytes(self, data: bytes) -> bytes:
        """Return the bytes with every occurrence replaced by as many asterisks."""
        value = self._value.encode("utf-8", "surrogatepass")
        return data.replace(value, b"*" * len(value)) if value else data

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("A secret cannot be pickled.")
