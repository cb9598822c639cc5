"""The command `ibconsole connections postman`."""

import json
from pathlib import Path

from msgspec.structs import replace

from ibconsole.services.connections import Connection, SettingsFile, new_id
from ibconsole.services.runtime.paths import find_paths
from tests.unit.cli.conftest import Command


def test_a_collection_of_a_saved_connection(ibconsole: Command, tmp_path: Path) -> None:
    """It has the base URL of the connection and no secret, and replaces nothing by itself."""
    acme = Connection(id=new_id(), name="Acme", base_url="https://acme.api.example")
    settings = SettingsFile(find_paths().settings)
    settings.change(lambda old: replace(old, connections=(acme,)))
    target = tmp_path / "acme.json"

    printed = ibconsole("connections", "postman", "Acme")
    written = ibconsole("connections", "postman", "Acme", "--output", str(target))
    again = ibconsole("connections", "postman", "Acme", "--output", str(target))
    forced = ibconsole("connections", "postman", "Acme", "--output", str(target), "--force")
    lost = ibconsole("connections", "postman", "Acme", "--output", str(tmp_path / "no" / "x"))

    assert (printed.code, written.code, again.code, forced.code, lost.code) == (0, 0, 1, 0, 1)
    assert json.loads(target.read_text()) == printed.json
    assert printed.json["variable"][0]["value"] == "https://acme.api.example"
    assert "exists already" in again.err
    assert "could not be written" in lost.err
