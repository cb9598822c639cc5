"""A value that never shows itself."""


class Secret:
    """Holds a secret; every way of printing it shows a mask.

    `reveal()` is the only way out, a word that one can search the code for.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself, for the header that carries it."""
        return self._value

    def mask(self, text: str) -> str:
        """The text with every occurrence of the secret replaced by a mask."""
        return text.replace(self._value, MASK) if self._value else text

    def mask_bytes(self, data: bytes) -> bytes:
        """The bytes with every occurrence replaced by as many asterisks: nothing moves."""
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
        raise TypeError("A secret is not to be pickled.")


MASK = "••••"
