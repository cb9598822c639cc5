import json
from pathlib import Path
from typing import Any

import pytest

from ibconsole.secret import Secret
from ibconsole.services.connections import AuthorizationKind, Connection, account_of
from ibconsole.services.documents import InvalidDocument, Position
from ibconsole.services.team.collector.configuration import (
    CollectedConnection,
    CollectorConfiguration,
    ListeningAddress,
    ScheduledPull,
    SecretSource,
    TeamShare,
)
from ibconsole.services.team.collector.reading import read_configuration
from tests.unit.services.json_schema import Schema

SCHEMA = Schema("collector.schema.json")
DOCUMENT = Path(__file__).parents[5] / "docs" / "collector.md"
ID = "0a1b2c3d-0a1b-4a1b-8a1b-0a1b2c3d4e5f"
YAML = f"""\
version: 1
state: /var/lib/x
label: one
listener: "[::1]:8484"
health: localhost:0
drain: 5 s
team: {{database: service=team, password: {{credential: pw}}}}
connections:
  - name: Acme
    baseUrl: ACME.api.infobip.com
    kind: basic
    identity: anna
    secret: {{file: /run/acme}}
    forwardPath: /in/acme
    pull: {{interval: 5 s, limit: 100}}
    team: {{account: acme}}
  - name: Globex
    baseUrl: https://acme.api.infobip.com
    id: {ID}
    secret: {{credential: globex}}
    pull: true
    team: {{account: globex, database: "postgres://u@h/db"}}
"""
ACME = "https://acme.api.infobip.com"


def test_everything_that_a_file_can_say() -> None:
    """Every setting is read; a password is that of the database next to it, and of no other."""
    password = SecretSource(credential="pw", position=Position(7, 42))
    expected = CollectorConfiguration(
        name="c.yaml",
        state=Path("/var/lib/x"),
        label="one",
        listener=ListeningAddress("::1", 8484),
        health=ListeningAddress("localhost", 0),
        drain=5.0,
        connections=(
            CollectedConnection(
                Connection(
                    id=account_of(ACME, Secret("")).connection,
                    name="Acme",
                    base_url=ACME,
                    kind=AuthorizationKind.BASIC,
                    identity="anna",
                ),
                SecretSource(Path("/run/acme"), position=Position(13, 13)),
                "/in/acme",
                ScheduledPull(5.0, 100),
                TeamShare("service=team", "acme", password),
            ),
            CollectedConnection(
                Connection(id=ID, name="Globex", base_url=ACME),
                SecretSource(credential="globex", position=Position(20, 13)),
                "",
                ScheduledPull(30.0),
                TeamShare("postgresql://u@h/db", "globex"),
            ),
        ),
    )

    assert read_configuration(YAML.encode(), "c.yaml") == expected


def test_the_documented_file_is_valid() -> None:
    """What docs/collector.md shows can be copied."""
    text = DOCUMENT.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]

    assert [one.connection.name for one in read_configuration(text.encode(), "c").connections] == [
        "Acme",
        "Globex, forwards only",
    ]


def test_problems_have_their_places() -> None:
    """All problems are reported at once, with line and column, and no secret is shown."""
    text = """\
version: 1
listener: 8484x
health: 1.2.3.4:99999
connections:
  - name: A
    baseUrl: https://a.api.infobip.com
    secret: s3cret-in-the-file
    pull: {interval: 1 year, limit: 0}
  - name: a
    baseUrl: https://a.api.infobip.com
    secret: {file: relative, credential: ../x}
    forwardPath: in
    kind: ibsso
    team: {account: ""}
  - {name: "", baseUrl: "http://remote.example.com", pull: true}
"""
    with pytest.raises(InvalidDocument) as caught:
        read_configuration(text.encode(), "c.yaml")

    assert "s3cret" not in str(caught.value)
    assert [line.partition(" ")[0].removeprefix("c.yaml:") for line in caught.value.lines] == [
        *("2:11:", "3:9:", "7:13:", "8:22:", "8:37:", "9:11:", "10:14:", "11:13:"),
        *("11:20:", "11:42:", "12:18:", "13:11:", "14:11:", "14:21:", "15:5:", "15:12:"),
    ]


def file_of(*connections: Any, **others: Any) -> dict[str, Any]:
    return {"version": 1, "connections": list(connections), **others}


def one(**members: Any) -> dict[str, Any]:
    return file_of({"name": "A", "baseUrl": ACME, "secret": {"file": "/k"}, "pull": True} | members)


def is_read(value: Any) -> bool:
    try:
        read_configuration(json.dumps(value).encode(), "c.json")
    except InvalidDocument:
        return False
    return True


@pytest.mark.parametrize(
    "value",
    [
        one(),
        one(pull={"interval": 5, "limit": 1000}),
        one(kind="oauth2", identity="client"),
        one(team={"account": "a", "database": "service=x", "password": {"file": "/p"}}),
        one(id=ID),
        one() | {"$schema": "collector.schema.json", "drain": 0, "health": "[::1]:1"},
        one(forwardPath="/in") | {"listener": "0.0.0.0:1", "label": "l", "state": "/s"},
    ],
)
def test_editor_and_reader_accept(value: Any) -> None:
    """What an editor accepts by the schema is read."""
    assert (SCHEMA.accepts(value), is_read(value)) == (True, True)


@pytest.mark.parametrize(
    "value",
    [
        None,
        file_of(),
        one() | {"version": 2},
        one() | {"other": 1},
        one() | {"state": "here"},
        one() | {"listener": "8484"},
        one(secret="key"),  # noqa: S106 none is read
        one(secret={"file": "/k", "credential": "c"}),
        one(secret={}),
        one(pull={"limit": 1001}),
        one(pull={"until": 1}),
        one(kind="ibsso"),
        one(forwardPath="in"),
        one(team={}),
        one(team={"account": "a", "database": "mysql://x"}),
    ],
)
def test_editor_and_reader_refuse(value: Any) -> None:
    """What an editor marks by the schema is not read either."""
    assert (SCHEMA.accepts(value), is_read(value)) == (False, False)


@pytest.mark.parametrize(
    ("members", "rule"),
    [
        ({"pull": False}, "it receives nothing: add forwardPath, pull, or both"),
        ({"forwardPath": "/in"}, "a connection has a forwardPath, and listener is missing"),
        ({"team": {"account": "a"}}, "database is missing, here and in `team` of the file"),
        ({"team": {"account": "a", "database": "postgres://u:pw@h/d"}}, "leave the password out"),
        ({"baseUrl": "http://acme.example.com"}, "plain http would show your credential"),
    ],
)
def test_what_no_schema_says(members: dict[str, Any], rule: str) -> None:
    """Rules between settings are checked as well, and say what to write."""
    with pytest.raises(InvalidDocument) as caught:
        read_configuration(json.dumps(one(**members)).encode(), "c.json")

    assert rule in str(caught.value)
    assert "pw" not in str(caught.value)


def test_connections_exclude_each_other() -> None:
    """Names, IDs and equivalent paths belong to one connection each."""
    first = one(forwardPath="/in/x")["connections"][0]
    with pytest.raises(InvalidDocument) as caught:
        read_configuration(
            json.dumps(file_of(first, first | {"forwardPath": "/in//x"}, listener="h:1")).encode(),
            "c",
        )
    with pytest.raises(InvalidDocument, match="no connection has a forwardPath"):
        read_configuration(json.dumps(one() | {"listener": "h:1"}).encode(), "c")

    assert [line.rpartition("has the same ")[2] for line in caught.value.lines] == [
        "name",
        "id: give each connection with this base URL an id, a UUID",
        "path",
    ]
