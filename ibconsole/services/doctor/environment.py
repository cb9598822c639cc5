"""What the program stands on, on this computer: places, window, certificates, proxy, archive.

Reads, and changes nothing. Each finding is one sentence; one that is not good says what to do.
"""

import json
import os
import re
import ssl
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies

from ibconsole.archive import ArchiveError, Reader
from ibconsole.lazy import LazyModule
from ibconsole.services.messages import maintenance as caring
from ibconsole.services.runtime import Paths, relaunch_command

if TYPE_CHECKING:
    import truststore
else:
    truststore = LazyModule("truststore")

PATIENCE = 30.0
_LARGEST = 64 << 20  # bytes of an archive that is looked through in passing
_CERTIFICATE = re.compile(r"^([0-9a-f]{8}\.\d+|.*\.(crt|pem))$")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    good: bool
    sentence: str

    def __str__(self) -> str:
        return f"{'ok' if self.good else 'FAILED':6}  {self.name}: {self.sentence}"


def look_around(places: Paths) -> Sequence[Finding]:
    """Look at all of it; takes up to half a minute where the window system does not answer."""
    return (
        look_at_places(places),
        look_at_window(),
        look_at_certificates(),
        look_at_proxy(),
        look_at_archive(places.archive),
    )


def look_at_places(places: Paths) -> Finding:
    """Whether everything can be written where it is to be; what is not there yet can be made."""
    wanted = {
        "data": places.data,
        "settings": places.settings.parent,
        "logs": places.logs,
    }
    closed = [str(path) for path in wanted.values() if not _writable(path)]
    told = ", ".join(f"{name} in {path}" for name, path in wanted.items())
    if closed:
        return Finding(
            "Places",
            good=False,
            sentence=f"{told}. Not writable: {', '.join(closed)}. Make them yours, or choose"
            " another place with --data-dir.",
        )
    return Finding("Places", good=True, sentence=f"{told}.")


def look_at_window(command: Sequence[str] = (), patience: float = PATIENCE) -> Finding:
    """Whether a window could open: asked of another process, which Qt may end as it likes."""
    try:
        done = subprocess.run(  # noqa: S603 it is this program
            command or relaunch_command("--examine-window"),
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        told = json.loads(done.stdout) if done.returncode == 0 else None
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return _no_window(str(error))
    if told is None:
        return _no_window(done.stderr.strip() or f"exit code {done.returncode}")
    if not told:
        sentence = "there is no display here: the window cannot open, every command can."
        return Finding("Window", good=True, sentence=sentence)
    return Finding(
        "Window",
        good=bool(told["fonts"]),
        sentence=f"Qt {told['qt']} on {told['platform']}, screens: {told['screens']},"
        f" the first {told['size']} at scale {told['scale']:g}, {told['fonts']} font families"
        + ("." if told["fonts"] else ": install a font, such as DejaVu."),
    )


def look_at_certificates() -> Finding:
    """Where the certificates come from that servers are checked against."""
    if sys.platform in {"win32", "darwin"}:
        sentence = "the system's own store, by the system's own verification."
        return Finding("Certificates", good=True, sentence=sentence)
    truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # as every request does
    chosen = ssl.get_default_verify_paths()
    places = [Path(place) for place in (chosen.cafile, chosen.capath) if place]
    places += [Path(place) for place in _BUNDLES]
    for place in places:
        if count := _certificates(place):
            return Finding(
                "Certificates", good=True, sentence=f"{count} in {place} ({ssl.OPENSSL_VERSION})."
            )
    return Finding(
        "Certificates",
        good=False,
        sentence="no certificate to trust was found: no server can be checked, so no request is"
        " sent. Install ca-certificates, or point SSL_CERT_FILE to a file of them.",
    )


# Where distributions keep them that do not tell OpenSSL.
_BUNDLES = (
    "/etc/ssl/certs",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
)


def look_at_proxy() -> Finding:
    """Which proxies the environment names; without what they may be given to log in."""
    named = {scheme: _host(address) for scheme, address in getproxies().items() if scheme != "no"}
    if not named:
        return Finding("Proxy", good=True, sentence="none; requests go straight to the platform.")
    told = ", ".join(f"{scheme} by {host}" for scheme, host in sorted(named.items()))
    spared = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "nothing"
    return Finding(
        "Proxy", good=True, sentence=f"{told}; spared: this computer itself, and {spared}."
    )


def look_at_archive(path: Path) -> Finding:
    """Whether what is stored can be read, and, if it is not too much, whether it is whole."""
    if not path.exists():
        return Finding("Archive", good=True, sentence=f"nothing was stored yet in {path}.")
    size = path.stat().st_size
    try:
        with Reader(path) as reader:
            if size <= _LARGEST:
                found = reader.verify(lambda _: None)
                return Finding(
                    "Archive", good=not found.damaged, sentence=caring.describe_verification(found)
                )
            messages = reader.counts().messages
    except ArchiveError as error:
        return Finding("Archive", good=False, sentence=str(error))
    return Finding(
        "Archive",
        good=True,
        sentence=f"{messages:,} messages in {size / 1e6:,.0f} MB can be read; whether all are as"
        " they were stored, ibconsole archive verify tells.",
    )


def _no_window(reason: str) -> Finding:
    return Finding(
        "Window",
        good=False,
        sentence=f"it cannot open, every command works. Qt says: {' '.join(reason.split())[-600:]}",
    )


def _writable(path: Path) -> bool:
    """Whether a directory can be written, or made where it is to be."""
    existing = next(one for one in (path, *path.parents) if one.exists())
    return existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)


def _certificates(place: Path) -> int:
    """How many certificates are in a file or a directory; 0 if it cannot be read."""
    try:
        if place.is_dir():
            return sum(1 for path in place.iterdir() if _CERTIFICATE.match(path.name))
        return place.read_bytes().count(b"-----BEGIN CERTIFICATE-----")
    except OSError:
        return 0


def _host(address: str) -> str:
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be understood"
    return f"{parts.hostname}{port}"
