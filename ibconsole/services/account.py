"""Which account the program talks to, and with what right."""

from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from ibconsole.secret import Secret


@dataclass(frozen=True, slots=True)
class Account:
    """A connection: its UUID names it in the archive, for as long as it exists."""

    connection: str
    name: str
    base_url: str
    key: Secret
    environment: str = ""

    @property
    def key_label(self) -> str:
        """Enough of the key to recognize it, and no more."""
        key = self.key.reveal()
        return f"{key[:4]}…" if len(key) >= 16 else "…"


def account_of(base_url: str, key: Secret, *, name: str = "", environment: str = "") -> Account:
    """An account that nobody saved: its UUID follows from the base URL."""
    return Account(
        connection=str(uuid5(NAMESPACE_URL, base_url)),
        name=name or base_url,
        base_url=base_url,
        key=key,
        environment=environment,
    )
