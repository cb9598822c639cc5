"""The readable facts of a server's certificates."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from ibconsole.lazy import LazyModule
from ibconsole.plural import counted

if TYPE_CHECKING:
    from cryptography import x509
else:  # loaded by the first https test, not when a window opens
    x509 = LazyModule("cryptography.x509")

_DAY = 86_400
_MAX_NAMES = 20


class Certificate(msgspec.Struct, frozen=True):
    """One certificate of a chain.

    Times are seconds since the epoch; `names` are its hosts, at most 20.
    """

    subject: str
    issuer: str
    valid_from: float
    valid_until: float
    names: tuple[str, ...] = ()

    @property
    def days_left(self) -> int:
        """Whole days until the certificate expires; negative if it has expired."""
        return int((self.valid_until - time.time()) // _DAY)

    @property
    def remaining(self) -> str:
        """The time until the certificate expires, in words."""
        days = self.days_left
        if days < 0:
            return f"expired {counted(-days, 'day')} ago"
        return f"{counted(days, 'day')} left" if days else "less than a day left"

    @property
    def is_self_signed(self) -> bool:
        """True if issuer and subject are the same; the signature is not verified."""
        return self.subject == self.issuer


def read_certificates(chain: Sequence[bytes]) -> tuple[Certificate, ...]:
    """Read DER-encoded certificates, in their order; unreadable ones are left out."""
    certificates = []
    for der in chain:
        try:
            certificates.append(_read(x509.load_der_x509_certificate(der)))
        except ValueError:
            continue
    return tuple(certificates)


def _read(certificate: "x509.Certificate") -> Certificate:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = [str(name.value) for name in extension.value]
    except (x509.ExtensionNotFound, ValueError):
        names = []
    return Certificate(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        valid_from=certificate.not_valid_before_utc.timestamp(),
        valid_until=certificate.not_valid_after_utc.timestamp(),
        names=tuple(names[:_MAX_NAMES]),
    )
