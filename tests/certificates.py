"""Certificates for tests: an authority, and the certificates that it signs."""

import datetime
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID


@dataclass(frozen=True)
class IssuedCertificate:
    """A certificate with its key and its chain of issuers."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The key and the whole chain, as a server needs them."""
        key = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        chain = (self.certificate, *self.chain)
        return key + b"".join(issuer.public_bytes(serialization.Encoding.PEM) for issuer in chain)

    def server_context(self, directory: Path) -> ssl.SSLContext:
        """Return a TLS context for a server with this certificate."""
        path = directory / f"{id(self)}.pem"
        path.write_bytes(self.pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def trusting_context(self) -> ssl.SSLContext:
        """Return a TLS context for a client that trusts this authority."""
        return ssl.create_default_context(
            cadata=self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        )


def make_authority(name: str) -> IssuedCertificate:
    """Create a self-signed certificate authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(name, name, key, days=365).add_extension(
        x509.BasicConstraints(ca=True, path_length=1), critical=True
    )
    return IssuedCertificate(builder.sign(key, hashes.SHA256()), key)


def make_intermediate(authority: IssuedCertificate, name: str) -> IssuedCertificate:
    """Create an authority below another."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(name, _name_of(authority), key, days=365).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    signed = builder.sign(authority.key, hashes.SHA256())
    return IssuedCertificate(signed, key, (authority.certificate,))


def make_self_signed(host: str, *, days: int) -> IssuedCertificate:
    """Create a server certificate that no authority signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(host, host, key, days=days).add_extension(
        x509.SubjectAlternativeName([_general_name(host)]), critical=False
    )
    return IssuedCertificate(builder.sign(key, hashes.SHA256()), key)


def make_certificate(
    authority: IssuedCertificate, host: str, *, days: int, starts: int = -1, issuer_url: str = ""
) -> IssuedCertificate:
    """Create a server certificate for a name or an IP address, valid for `days`.

    `starts` is the first day of its validity, counted from today; `issuer_url` is where it says
    that the certificate of its issuer is.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(host, _name_of(authority), key, days=days, starts=starts).add_extension(
        x509.SubjectAlternativeName([_general_name(host)]), critical=False
    )
    if issuer_url:
        access = x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS,
            x509.UniformResourceIdentifier(issuer_url),
        )
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    signed = builder.sign(authority.key, hashes.SHA256())
    return IssuedCertificate(signed, key, (authority.certificate, *authority.chain))


def _name_of(authority: IssuedCertificate) -> str:
    names = authority.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value)


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _builder(
    name: str, issuer: str, key: ec.EllipticCurvePrivateKey, *, days: int, starts: int = -1
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    end = now + datetime.timedelta(days=days)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now, end) + datetime.timedelta(days=starts))
        .not_valid_after(end)
    )
