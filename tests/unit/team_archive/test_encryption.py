"""The protection of a connection is known from the connection itself, not from its address."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from ibconsole.team_archive import connect
from ibconsole.team_archive.encryption import Encryption, encryption_of
from tests.certificates import make_self_signed
from tests.postgres import PostgresServer, TeamDatabase

NETWORK = "192.0.2.1"


@pytest.fixture
def certificate(team: TeamDatabase) -> Iterator[Path]:
    """Let the server encrypt for the test; return the file of its certificate."""
    server = team.server
    path = server.home.path / "server.pem"
    path.write_bytes(make_self_signed("127.0.0.1", days=1).pem)
    server.home.run(["install", "-m", "600", str(path), str(server.data / "server.pem")])
    _set_up(server, "SET ssl_cert_file = 'server.pem'", "SET ssl_key_file = 'server.pem'")
    _set_up(server, "SET ssl = on")
    yield path
    _set_up(server, "RESET ALL")


def _set_up(server: PostgresServer, *settings: str) -> None:
    with server.connect() as db:
        for setting in settings:
            db.execute(f"ALTER SYSTEM {setting}")
        db.execute("SELECT pg_reload_conf()")


def test_a_certificate_that_was_checked(team: TeamDatabase, certificate: Path) -> None:
    """Only a mode that checks the certificate makes a connection verified."""
    address = team.address("reader", tcp=True)
    checked = psycopg.conninfo.make_conninfo(
        address.database, sslmode="verify-full", sslrootcert=str(certificate)
    )

    with psycopg.connect(checked) as strict, connect(address, None, "test") as default:
        found = (encryption_of(strict), encryption_of(default))

    assert found == (Encryption.VERIFIED, Encryption.LOCAL)


@pytest.mark.parametrize(
    ("host", "ssl", "mode", "expected"),
    [
        ("", False, "prefer", Encryption.LOCAL),
        ("127.0.0.1", False, "prefer", Encryption.LOCAL),
        (NETWORK, False, "prefer", Encryption.NONE),
        (NETWORK, True, "prefer", Encryption.UNVERIFIED),
        (NETWORK, True, "require", Encryption.UNVERIFIED),
        (NETWORK, True, "verify-ca", Encryption.VERIFIED),
    ],
)
def test_protection_on_the_way(host: str, ssl: bool, mode: str, expected: Encryption) -> None:
    """A connection through a network needs encryption, and a certificate that is checked."""
    assert encryption_of(_connection(host, mode, "/no/such/root.crt", ssl=ssl)) is expected
    assert expected.is_safe == (expected in {Encryption.LOCAL, Encryption.VERIFIED})
    assert expected.sentence.endswith(".")


def test_a_file_of_authorities_makes_required_encryption_verified(tmp_path: Path) -> None:
    """So libpq does: with such a file, sslmode=require checks as verify-ca does."""
    root = tmp_path / "root.crt"
    root.touch()

    assert encryption_of(_connection(NETWORK, "require", str(root))) is Encryption.VERIFIED


def _connection(host: str, mode: str, root: str, *, ssl: bool = True) -> Any:
    options = {b"sslmode": mode.encode(), b"sslrootcert": root.encode(), b"password": b"x"}
    info = [SimpleNamespace(keyword=keyword, val=val) for keyword, val in options.items()]
    pgconn = SimpleNamespace(ssl_in_use=ssl, info=info)
    return SimpleNamespace(info=SimpleNamespace(hostaddr=host), pgconn=pgconn)
