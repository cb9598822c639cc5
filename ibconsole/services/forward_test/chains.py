"""The faults of a server's certificates, each apart: dates, name, authority, chain, interception.

The handshake says whether this computer trusts a chain, not why another program does not, and
only the first fault. Here the certificates themselves are read, so that a missing intermediate is
distinguished from an unknown authority, and one fault does not hide the others.
"""

import ipaddress
import re
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ibconsole.lazy import LazyModule
from ibconsole.services.forward_test.rungs import Cause

if TYPE_CHECKING:
    import certifi
    from cryptography import exceptions, x509
    from cryptography.x509 import oid
else:  # loaded by the first https test, not when a window opens
    certifi = LazyModule("certifi")
    exceptions = LazyModule("cryptography.exceptions")
    oid = LazyModule("cryptography.x509.oid")
    x509 = LazyModule("cryptography.x509")

SOON_DAYS = 21
_DAY = 86_400
_LONGEST_CHAIN = 10
# Programs that decrypt TLS on the way, by words in the names of their certificates.
_INTERCEPTORS = re.compile(
    r"zscaler|netskope|fortinet|fortigate|blue ?coat|symantec ssl visibility|palo ?alto"
    r"|cisco umbrella|sophos|skyhigh|mcafee web gateway|kaspersky|eset ssl filter|avast|avg tech"
    r"|bitdefender|check ?point|watchguard|forcepoint|websense|barracuda|untangle|squid"
    r"|mitmproxy|charles proxy|portswigger|burp|fiddler|do_not_trust|proxyman|http toolkit"
    r"|dr\.?web|adguard|smoothwall|lightspeed|contentkeeper|iboss|cato networks",
    re.IGNORECASE,
)
_INTERMEDIATE = re.compile(
    r"intermediate|issuing|subordinate|\bsub[ -]?ca\b|domain validation|\b(dv|ov|ev) ",
    re.IGNORECASE,
)


class PublicRoots:
    """The authorities that everybody knows, which a sender on the internet trusts, too."""

    def __init__(self, certificates: "Iterable[x509.Certificate] | None" = None) -> None:
        self._given = certificates

    @cached_property
    def by_name(self) -> "dict[x509.Name, list[x509.Certificate]]":
        """The authorities by their names."""
        roots: dict[x509.Name, list[x509.Certificate]] = {}
        for root in self._given if self._given is not None else _mozilla_roots():
            roots.setdefault(root.subject, []).append(root)
        return roots

    @cached_property
    def organizations(self) -> frozenset[str]:
        """The organizations of the authorities."""
        return frozenset(filter(None, map(_organization, self.by_name)))


def _mozilla_roots() -> "Iterator[x509.Certificate]":
    pem = Path(certifi.where()).read_text("ascii", "replace")
    with warnings.catch_warnings():  # of an old root, whose serial number is not positive
        warnings.simplefilter("ignore")
        yield from x509.load_pem_x509_certificates(pem.encode())


class ChainVerdict:
    """The faults of one chain, as it was sent, for a host."""

    def __init__(self, chain: Sequence[bytes], host: str, roots: PublicRoots) -> None:
        self._certificates = list(_load(chain))
        self._host = host
        self._roots = roots

    @property
    def leaf(self) -> "x509.Certificate | None":
        """The server's own certificate; None if it could not be read."""
        return self._certificates[0] if self._certificates else None

    @cached_property
    def name_matches(self) -> bool | None:
        """True if the server's certificate is for the host; None if there is none."""
        return _covers(self.leaf, self._host) if self.leaf else None

    @cached_property
    def path(self) -> "list[x509.Certificate]":
        """The certificates from the server's own to an authority's, or to the last that fits."""
        path = self._certificates[:1]
        while path and not self._ends_chain(path[-1]) and len(path) < _LONGEST_CHAIN:
            issuer = _issuer_of(path[-1], self._certificates)
            if issuer is None or issuer in path:
                break
            path.append(issuer)
        return path

    @cached_property
    def anchored(self) -> bool:
        """True if a public authority issued the last certificate of the path, or is it."""
        return bool(self.path) and self._is_anchored(self.path[-1])

    def _is_anchored(self, certificate: "x509.Certificate") -> bool:
        roots = self._roots.by_name.get(certificate.issuer, [])
        return any(root == certificate or _issued(root, certificate) for root in roots)

    def _ends_chain(self, certificate: "x509.Certificate") -> bool:
        return _is_self_signed(certificate) or self._is_anchored(certificate)

    def causes(
        self, *, trusted: bool, through_proxy: bool = False, reason: str = ""
    ) -> tuple[Cause, ...]:
        """Return the faults, the first cause first.

        `trusted` is the verdict of this computer, which includes the name, and `reason` what it
        says against the certificates. Only `trusted` with an authority that everybody knows is
        without fault.
        """
        found = list(self._faults(trusted=trusted))
        if "too weak" in reason:
            found.append(Cause.CERT_WEAK)
        if found and self._is_intercepted(through_proxy=through_proxy):
            found.insert(0, Cause.TLS_INTERCEPTED)
        if not found and not trusted:
            found.append(Cause.CERT_INVALID)
        return tuple(dict.fromkeys(found))

    @property
    def interceptor(self) -> str:
        """The name of a program that decrypts TLS, if a certificate names one."""
        for certificate in self._certificates:
            for name in (certificate.issuer, certificate.subject):
                text = name.rfc4514_string()
                if certificate is self.leaf and name is certificate.subject:
                    continue  # a site of such a maker is no interception
                if _INTERCEPTORS.search(text):
                    return text
        return ""

    def _faults(self, *, trusted: bool) -> Iterator[Cause]:
        yield from self._date_faults()
        lone = self.leaf is not None and _is_self_signed(self.leaf) and not self.anchored
        wrong_name = self.name_matches is False and not trusted
        # A certificate without any name is a makeshift one; one for other names has its own place.
        if wrong_name and self.leaf and _names(self.leaf):
            yield Cause.CERT_NAME
        if lone:
            yield Cause.CERT_PRIVATE_CA if trusted else Cause.CERT_SELF_SIGNED
        if wrong_name:
            yield Cause.CERT_NAME
        if not self.anchored and not lone and self.path:
            yield from self._authority(trusted=trusted)
        if trusted and self.leaf and self._seconds_left < SOON_DAYS * _DAY:
            yield Cause.CERT_EXPIRES_SOON

    def _date_faults(self) -> Iterator[Cause]:
        now = time.time()
        if any(one.not_valid_after_utc.timestamp() < now for one in self.path):
            yield Cause.CERT_EXPIRED
        if any(one.not_valid_before_utc.timestamp() > now for one in self.path):
            yield Cause.CERT_NOT_YET

    def _authority(self, *, trusted: bool) -> Iterator[Cause]:
        complete = _is_self_signed(self.path[-1])
        if trusted:
            # This computer knows the authority, or has the intermediate from elsewhere.
            yield Cause.CERT_CHAIN if self._lacks_intermediate else Cause.CERT_PRIVATE_CA
        elif complete or not self._lacks_intermediate:
            yield Cause.CERT_UNKNOWN_CA
        else:
            yield Cause.CERT_CHAIN

    @cached_property
    def _lacks_intermediate(self) -> bool:
        """True if the last certificate sent has an issuer that is no root, as far as is known."""
        last = self.path[-1]
        if _is_self_signed(last):
            return False
        issuer = last.issuer.rfc4514_string()
        known = _organization(last.issuer) in self._roots.organizations
        return bool(_issuer_urls(last)) or known or bool(_INTERMEDIATE.search(issuer))

    @property
    def _seconds_left(self) -> float:
        return min(one.not_valid_after_utc.timestamp() for one in self.path) - time.time()

    def _is_intercepted(self, *, through_proxy: bool) -> bool:
        foreign = not self.anchored and bool(self.path)
        if self.interceptor and foreign:
            return True
        # Behind a proxy, a certificate for the right host by an authority that others do not know.
        return through_proxy and foreign and self.name_matches is True and not self._is_expired

    @property
    def _is_expired(self) -> bool:
        return self._seconds_left < 0


def issuer_urls(chain: Sequence[bytes]) -> tuple[str, ...]:
    """Return where the certificate of the last one's issuer can be downloaded."""
    certificates = list(_load(chain))
    return _issuer_urls(certificates[-1]) if certificates else ()


def _load(chain: Sequence[bytes]) -> "Iterator[x509.Certificate]":
    for der in chain:
        try:
            yield x509.load_der_x509_certificate(der)
        except ValueError:
            continue


def _is_self_signed(certificate: "x509.Certificate") -> bool:
    return certificate.issuer == certificate.subject


def _issuer_of(
    certificate: "x509.Certificate", among: "Sequence[x509.Certificate]"
) -> "x509.Certificate | None":
    return next(
        (one for one in among if one.subject == certificate.issuer and _issued(one, certificate)),
        None,
    )


def _issued(issuer: "x509.Certificate", certificate: "x509.Certificate") -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, exceptions.InvalidSignature, exceptions.UnsupportedAlgorithm):
        return False
    return True


def _organization(name: "x509.Name") -> str:
    found = name.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    return str(found[0].value) if found else ""


def _issuer_urls(certificate: "x509.Certificate") -> tuple[str, ...]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except (x509.ExtensionNotFound, ValueError):
        return ()
    wanted = oid.AuthorityInformationAccessOID.CA_ISSUERS
    return tuple(
        str(one.access_location.value) for one in extension.value if one.access_method == wanted
    )


def _names(certificate: "x509.Certificate") -> "x509.SubjectAlternativeName | None":
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def _covers(certificate: "x509.Certificate", host: str) -> bool:
    """Return whether the certificate is for this name or address (RFC 6125); CN does not count."""
    names = _names(certificate)
    if names is None:
        return False
    try:
        return ipaddress.ip_address(host) in names.get_values_for_type(x509.IPAddress)
    except ValueError:
        wanted = host.rstrip(".").lower()
        return any(
            _name_covers(one.lower(), wanted) for one in names.get_values_for_type(x509.DNSName)
        )


def _name_covers(pattern: str, host: str) -> bool:
    if pattern == host:
        return True
    label, dot, domain = host.partition(".")
    return bool(label and dot) and pattern == f"*.{domain}" and "." in domain
