"""What a server's certificates say, for people."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ibconsole.lazy import LazyModule

if TYPE_CHECKING:
    from cryptography import x509
else:  # loaded for the first https test, and not for a window
    x509 = LazyModule("cryptography.x509")

_DAY = 86_400
_NAMES = 20


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate of a chain. Times are seconds since the epoch; `names` are its hosts."""

    subject: str
    issuer: str
    valid_from: float
    valid_until: float
    names: tuple[str, ...] = ()

    @property
    def days_left(self) -> int:
        """Whole days until it ends; negative once it has."""
        return int((self.valid_until - time.time()) // _DAY)

    @property
    def is_self_signed(self) -> bool:
        """Whether it vouches for itself, by its names."""
        return self.subject == self.issuer


def read_certificates(sent: Sequence[bytes]) -> tuple[Certificate, ...]:
    """DER-encoded certificates, in their order; those that cannot be read are left out."""
    found = []
    for der in sent:
        try:
            found.append(_read(x509.load_der_x509_certificate(der)))
        except ValueError:
            continue
    return tuple(found)


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
        names=tuple(names[:_NAMES]),
    )
