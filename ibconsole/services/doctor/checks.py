"""Checks of the computer, and the versions of what the program is made of.

The checks cover directories, window system, certificates and the archive, and change nothing
(`network` checks the way to the platform). Each result is one sentence; that of a failed check
says what to do.
"""

import asyncio
import json
import os
import platform
import re
import ssl
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ibconsole import __version__
from ibconsole.archive import ArchiveError, Reader
from ibconsole.files import is_missing
from ibconsole.lazy import LazyModule
from ibconsole.plural import counted
from ibconsole.services.messages import describe_verification
from ibconsole.services.protection import (
    DESCRIPTIONS,
    POLICY_FILE,
    PolicyInForce,
    find_policy,
)
from ibconsole.services.runtime import Paths, relaunch_command

if TYPE_CHECKING:
    from importlib import metadata

    import truststore
else:
    metadata = LazyModule("importlib.metadata")
    truststore = LazyModule("truststore")

CHECK_TIMEOUT = 30.0  # seconds for one check
WINDOW_TIMEOUT = 25.0
LARGEST_VERIFIED = 64 << 20  # bytes; verifying a larger archive would take too long
# Where distributions keep certificates without configuring OpenSSL accordingly.
BUNDLES = (
    "/etc/ssl/certs",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
)
_LIBRARIES = ("PySide6-Essentials", "httpx", "apsw", "keyring", "qasync", "h11", "msgspec")
_CERTIFICATE = re.compile(r"^([0-9a-f]{8}\.\d+|.*\.(crt|pem))$")


class ComputerCheck(msgspec.Struct, frozen=True):
    """The result of one check; `sentence` begins in lower case because it follows the name."""

    name: str
    good: bool
    sentence: str

    def __str__(self) -> str:
        return f"{'ok' if self.good else 'FAILED':6}  {self.name}: {self.sentence}"


async def check_computer(paths: Paths, timeout: float = CHECK_TIMEOUT) -> Sequence[ComputerCheck]:  # noqa: ASYNC109 a time-out is a result
    """Run all checks at the same time; return their results in a fixed order.

    Each runs on a thread of its own. One that takes longer than `timeout` seconds is a failed
    check, and its thread is abandoned.
    """
    checks: Mapping[str, Callable[[], ComputerCheck]] = {
        "Directories": lambda: check_directories(paths),
        "Window": check_window,
        "Certificates": check_certificates,
        "Policy": check_policy,
        "Archive": lambda: check_archive(paths.archive),
    }
    return await asyncio.gather(*(within(timeout, name, run) for name, run in checks.items()))


async def within(timeout: float, name: str, check: Callable[[], ComputerCheck]) -> ComputerCheck:  # noqa: ASYNC109 as above
    """Run a check that blocks, and return a failed one if it takes longer than that many seconds.

    The loop's default executor must not wait for its threads at the end (`ResolverThreads`).
    """
    try:
        async with asyncio.timeout(timeout):
            return await asyncio.to_thread(check)
    except TimeoutError:
        sentence = f"no result within {timeout:g} s, so this was not checked."
        return ComputerCheck(name, good=False, sentence=sentence)


def check_directories(paths: Paths) -> ComputerCheck:
    """Check that data, settings and logs can be written, or their directories created."""
    directories = {
        "data": paths.data,
        "settings": paths.settings.parent,
        "logs": paths.logs,
    }
    closed = [str(path) for path in directories.values() if not _is_writable(path)]
    listed = ", ".join(f"{name} in {path}" for name, path in directories.items())
    if closed:
        return ComputerCheck(
            "Directories",
            good=False,
            sentence=f"{listed}. Not writable: {', '.join(closed)}. Make yourself their owner, or"
            " choose another directory with --data-dir.",
        )
    return ComputerCheck("Directories", good=True, sentence=f"{listed}.")


def check_policy(find: Callable[[], PolicyInForce] = find_policy) -> ComputerCheck:
    """Say which policy of an administrator is in force, and from where."""
    found = find()
    if found.problem:
        return ComputerCheck("Policy", good=False, sentence=found.complaint)
    if not found.source:
        return ComputerCheck(
            "Policy", good=True, sentence=f"none is in force: there is no {POLICY_FILE}."
        )
    values = {key: getattr(found.policy, key) for key in DESCRIPTIONS}
    rules = [
        f"{key} = {_policy_value(value)} ({DESCRIPTIONS[key].rstrip('.')})"
        for key, value in values.items()
        if value
    ]
    return ComputerCheck(
        "Policy",
        good=True,
        sentence=f"set by your administrator in {found.source}: "
        f"{'; '.join(rules) or 'it forbids nothing'}.",
    )


def check_window(command: Sequence[str] = (), timeout: float = WINDOW_TIMEOUT) -> ComputerCheck:
    """Check that a window could open, in a child process, because Qt aborts the process if not.

    `command` replaces the program's own `--examine-window`, which prints one JSON object:
    empty if there is no display.
    """
    try:
        done = subprocess.run(  # noqa: S603 it is this program
            command or relaunch_command("--examine-window"),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        display = json.loads(done.stdout) if done.returncode == 0 else None
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return _no_window(str(error))
    if display is None:
        return _no_window(done.stderr.strip() or f"exit code {done.returncode}")
    if not display:
        sentence = "there is no display here: the window cannot open, but every command works."
        return ComputerCheck("Window", good=True, sentence=sentence)
    return ComputerCheck(
        "Window",
        good=bool(display["fonts"]),
        sentence=f"Qt {display['qt']} on {display['platform']}, screens: {display['screens']},"
        f" the first {display['size']} at scale {display['scale']:g},"
        f" {display['fonts']} font families"
        + ("." if display["fonts"] else ": install a font, such as DejaVu."),
    )


def check_certificates(
    bundles: Sequence[str] = BUNDLES, system: str = sys.platform
) -> ComputerCheck:
    """Find the certificates that servers are verified against.

    Those configured for OpenSSL come first, then `bundles`: files or directories. `system` is
    a `sys.platform`.
    """
    if system in {"win32", "darwin"}:
        sentence = "the system's own store, by the system's own verification."
        return ComputerCheck("Certificates", good=True, sentence=sentence)
    truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # as every request does
    configured = ssl.get_default_verify_paths()
    sources = [path for path in (configured.cafile, configured.capath) if path]
    for source in map(Path, (*sources, *bundles)):
        if count := _count_certificates(source):
            return ComputerCheck(
                "Certificates", good=True, sentence=f"{count} in {source} ({ssl.OPENSSL_VERSION})."
            )
    return ComputerCheck(
        "Certificates",
        good=False,
        sentence="no trusted certificates were found: no server can be verified, so no request is"
        " sent. Install ca-certificates, or set SSL_CERT_FILE to a file of them.",
    )


def check_archive(path: Path, largest: int = LARGEST_VERIFIED) -> ComputerCheck:
    """Check that the archive can be read, and verify it unless it has more than `largest` bytes."""
    if is_missing(path):
        return ComputerCheck("Archive", good=True, sentence=f"nothing was stored yet in {path}.")
    try:
        with Reader(path) as reader:
            size = path.stat().st_size
            if size <= largest:
                found = reader.verify(lambda _: None)
                return ComputerCheck(
                    "Archive", good=not found.damaged, sentence=describe_verification(found)
                )
            messages = reader.counts().messages
    except ArchiveError as error:
        return ComputerCheck("Archive", good=False, sentence=str(error))
    return ComputerCheck(
        "Archive",
        good=True,
        sentence=f"{counted(messages, 'message')} in {size / 1e6:,.0f} MB can be read. The archive"
        " is too large to verify here: run ibconsole archive verify.",
    )


def _no_window(reason: str) -> ComputerCheck:
    return ComputerCheck(
        "Window",
        good=False,
        sentence="it cannot open, but every command works. Qt says:"
        f" {' '.join(reason.split())[-600:]}",
    )


def _is_writable(path: Path) -> bool:
    """Return whether a directory can be written, or created at this path."""
    existing = next(one for one in (path, *path.parents) if not is_missing(one))
    return os.access(existing, os.W_OK | os.X_OK) and existing.is_dir()


def _count_certificates(source: Path) -> int:
    """Count the certificates in a file or a directory; 0 if it cannot be read."""
    try:
        if source.is_dir():
            return sum(1 for path in source.iterdir() if _CERTIFICATE.match(path.name))
        return source.read_bytes().count(b"-----BEGIN CERTIFICATE-----")
    except OSError:
        return 0


def read_versions() -> dict[str, str]:
    """Return the versions of the program, the system, Python and each library, by name.

    A library whose metadata is not installed is "unknown".
    """
    versions = {
        "ibconsole": __version__,
        "System": f"{platform.system()} {platform.release()} ({platform.machine()})",
        "Python": platform.python_version(),
    }
    for name in _LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "unknown"
    return versions


def _policy_value(value: object) -> str:
    return ", ".join(value) or "none" if isinstance(value, tuple) else str(value).lower()
