"""The protection of a connection on its way: its encryption, and the check of who the server is."""

from enum import StrEnum
from pathlib import Path

from ibconsole.team_archive.connection import TeamConnection

ENCRYPTION_REMEDY = (
    "Add sslmode=verify-full to the address, and sslrootcert with the authority's certificate."
)
_LOOPBACK = ("127.", "::1", "/")
_ROOT = Path("~/.postgresql/root.crt")  # libpq's own place


class Encryption(StrEnum):
    """The protection of a connection."""

    LOCAL = "local"  # it does not leave this computer
    NONE = "none"
    UNVERIFIED = "unverified"  # another server can pose as this one
    VERIFIED = "verified"

    @property
    def is_safe(self) -> bool:
        """True if nothing on the way can read or change what is sent."""
        return self in {Encryption.LOCAL, Encryption.VERIFIED}

    @property
    def sentence(self) -> str:
        """The protection as a sentence."""
        return _SENTENCES[self]


_SENTENCES = {
    Encryption.LOCAL: "The connection does not leave this computer.",
    Encryption.NONE: "Messages cross the network without encryption.",
    Encryption.UNVERIFIED: (
        "The connection is encrypted, but the server's certificate is not checked, so that another"
        " server can pose as this one."
    ),
    Encryption.VERIFIED: "The connection is encrypted, and the server's certificate is checked.",
}


def encryption_of(db: TeamConnection) -> Encryption:
    """Return the protection of an open connection."""
    if db.pgconn.ssl_in_use and _is_verified(_options(db)):
        return Encryption.VERIFIED
    address = db.info.hostaddr
    if not address or address.startswith(_LOOPBACK):
        return Encryption.LOCAL
    return Encryption.UNVERIFIED if db.pgconn.ssl_in_use else Encryption.NONE


def _is_verified(options: dict[str, str]) -> bool:
    """Return whether libpq has checked the certificate, by the options that it used."""
    mode = options.get("sslmode", "")
    if mode == "require":  # checked as by verify-ca if there is a file of authorities
        return Path(options.get("sslrootcert") or _ROOT).expanduser().exists()
    return mode.startswith("verify-")


def _options(db: TeamConnection) -> dict[str, str]:
    return {
        one.keyword.decode(): one.val.decode()
        for one in db.pgconn.info
        if one.val and one.keyword.startswith(b"ssl")
    }
