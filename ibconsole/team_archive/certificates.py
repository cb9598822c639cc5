"""The system's certificate authorities for libpq, which does not find them by itself everywhere.

The library in psycopg's wheel looks where the machine that built it has them. For an address with
`sslrootcert=system` the place on this one is named instead.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ibconsole.lazy import LazyModule

if TYPE_CHECKING:
    from psycopg import conninfo
else:
    conninfo = LazyModule("psycopg.conninfo")

# Debian and Arch, Fedora, openSUSE, Alpine and macOS.
BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_STRICT = "verify-full"


def system_authorities(
    database: str,
    environment: Mapping[str, str] = os.environ,
    bundles: Sequence[str] = BUNDLES,
) -> dict[str, str]:
    """Return the parameters that replace `sslrootcert=system` of a database's address.

    Empty without it, and where libpq is to decide: with SSL_CERT_FILE or SSL_CERT_DIR, which its
    OpenSSL reads; with an `sslmode` that libpq refuses together with it; and without a file of
    authorities on this computer. Raises an error of psycopg if the address is no valid one.
    """
    named = conninfo.conninfo_to_dict(database)
    root = named.get("sslrootcert", environment.get("PGSSLROOTCERT"))
    mode = named.get("sslmode", environment.get("PGSSLMODE", _STRICT))
    if (
        root != "system"
        or mode != _STRICT
        or environment.keys() & {"SSL_CERT_FILE", "SSL_CERT_DIR"}
    ):
        return {}
    found = next((path for path in bundles if Path(path).is_file()), None)
    return {"sslrootcert": found, "sslmode": _STRICT} if found else {}
