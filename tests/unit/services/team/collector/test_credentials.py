import json
from pathlib import Path
from typing import Any

import pytest

from ibconsole.secret import Secret
from ibconsole.services.documents import InvalidDocument
from ibconsole.services.team.collector.configuration import CollectorConfiguration
from ibconsole.services.team.collector.credentials import read_secrets
from ibconsole.services.team.collector.reading import read_configuration

KEY = "0123456789abcdef-0123456789abcdef"


def configuration(secret: dict[str, Any], **members: Any) -> CollectorConfiguration:
    connection = {"name": "A", "baseUrl": "https://a.api.infobip.com", "pull": True, **members}
    document = {"version": 1, "connections": [{**connection, "secret": secret}]}
    return read_configuration(json.dumps(document).encode(), "c.json")


def test_secrets_are_read_from_files_and_credentials(tmp_path: Path) -> None:
    """The end of the line is not part of a secret; a password of the team's archive is one too."""
    (tmp_path / "key").write_text(f"{KEY}\n", encoding="utf-8")
    (tmp_path / "pw").write_text(" with spaces ", encoding="utf-8")
    team = {"account": "a", "database": "service=x", "password": {"credential": "pw"}}
    read = configuration({"file": str(tmp_path / "key")}, team=team)

    secrets = read_secrets(read, {"CREDENTIALS_DIRECTORY": str(tmp_path)})

    [(connection, account)] = secrets.accounts.items()
    assert account.credential.secret == Secret(KEY)
    assert secrets.passwords == {connection: Secret(" with spaces ")}
    assert KEY not in repr(secrets)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b"one\ntwo", "more than one line"),
        (b"\xff\xfe", "no text in UTF-8"),
        (b"Basic x y", "not the API key"),
    ],
)
def test_a_secret_that_cannot_be_used_is_named_by_its_place(
    tmp_path: Path, content: bytes | None, rule: str
) -> None:
    """The problem is shown with the place in the configuration, and never with what was read."""
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    with pytest.raises(InvalidDocument) as caught:
        read_secrets(configuration({"file": str(tmp_path / "key")}), {})

    assert caught.value.lines[0].startswith("c.json:1:")
    assert rule in str(caught.value)
    assert "two" not in str(caught.value)


def test_credentials_need_a_service(tmp_path: Path) -> None:
    """Outside of systemd there are no credentials, and a directory is no secret."""
    with pytest.raises(InvalidDocument, match="CREDENTIALS_DIRECTORY is not set"):
        read_secrets(configuration({"credential": "key"}), {})
    with pytest.raises(InvalidDocument, match="cannot be read: Is a directory"):
        read_secrets(configuration({"file": str(tmp_path)}), {})
