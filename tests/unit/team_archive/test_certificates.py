"""`sslrootcert=system` means the authorities of this computer, wherever psycopg was built."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from ibconsole.team_archive import TeamAddress, TeamRefused
from ibconsole.team_archive.certificates import system_authorities
from ibconsole.team_archive.connection import connect
from tests.certificates import make_authority, make_certificate
from tests.postgres import PATIENCE, TeamDatabase

pytestmark = pytest.mark.team
URL = "postgresql://db.example.com/team"


def test_decided_by_the_address(tmp_path: Path) -> None:
    """Only `system` is replaced, and never by something weaker; libpq decides everything else."""
    (file := tmp_path / "authorities.pem").touch()
    bundles = [str(tmp_path / "missing"), str(file)]
    replaced = {"sslrootcert": str(file), "sslmode": "verify-full"}
    for parameters, environment, expected in [
        ("?sslrootcert=system", {}, replaced),
        ("?sslrootcert=system&sslmode=verify-full", {"PGSSLMODE": "prefer"}, replaced),
        ("", {"PGSSLROOTCERT": "system"}, replaced),
        ("", {}, {}),
        ("?sslrootcert=/own.crt", {"PGSSLROOTCERT": "system"}, {}),
        ("?sslrootcert=system&sslmode=require", {}, {}),
        ("?sslrootcert=system", {"PGSSLMODE": "require"}, {}),
        ("?sslrootcert=system", {"SSL_CERT_FILE": "/own.crt"}, {}),
    ]:
        assert system_authorities(URL + parameters, environment, bundles) == expected, parameters
    assert system_authorities(f"{URL}?sslrootcert=system", {}, bundles[:1]) == {}


def test_verified_by_the_system(team: TeamDatabase, tmp_path: Path) -> None:
    """A server is trusted if its authority is among the system's, and refused if it is not."""
    authority, other = make_authority("the team's"), make_authority("another's")
    url = f"{team.address('reader', tcp=True).database}?sslrootcert=system"
    with encrypted(team, make_certificate(authority, "127.0.0.1", days=2).pem):
        with pytest.raises(TeamRefused, match="certificate verify failed"):
            connect(TeamAddress(url, "acme"), None, "test")
        for issuer, is_trusted in ((authority, True), (other, False)):
            (file := tmp_path / "authorities.pem").write_bytes(issuer.pem)
            parameters = system_authorities(url, {}, [str(file)])
            try:
                with psycopg.connect(url, **parameters) as db:  # type: ignore[arg-type]
                    assert db.pgconn.ssl_in_use
                    assert is_trusted
            except psycopg.OperationalError:
                assert not is_trusted


@contextmanager
def encrypted(team: TeamDatabase, certificate: bytes) -> Iterator[None]:
    """Let the server of the tests encrypt connections by TCP for the block."""
    file = team.server.data / "server.pem"
    file.write_bytes(certificate)
    file.chmod(0o600)
    shutil.chown(file, team.server.data.owner(), team.server.data.group())
    db = team.db()
    for name in ("ssl_cert_file", "ssl_key_file"):
        db.execute(f"ALTER SYSTEM SET {name} = 'server.pem'")
    db.execute("ALTER SYSTEM SET ssl = on")
    db.execute("SELECT pg_reload_conf()")
    deadline = time.monotonic() + PATIENCE
    while db.execute("SHOW ssl").fetchone() != ("on",):
        assert time.monotonic() < deadline
    try:
        yield
    finally:
        db.execute("ALTER SYSTEM RESET ALL")
        db.execute("SELECT pg_reload_conf()")
