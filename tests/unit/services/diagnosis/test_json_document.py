"""The JSON of a diagnosis, and its schema."""

from pathlib import Path

import msgspec
from msgspec.structs import replace

from ibconsole.model import encode
from ibconsole.services.diagnosis.json_document import DiagnosisDocument, json_schema
from ibconsole.services.diagnosis.muting import SortedFindings
from ibconsole.services.diagnosis.outputs import AccountDiagnosis, Report
from ibconsole.services.diagnosis.rules.all_rules import diagnose
from tests.unit.services.diagnosis.rules.cases import CASES
from tests.unit.services.diagnosis.samples import account, configured

SCHEMA = Path(__file__).parents[4] / "docs" / "diagnose.schema.json"


def test_the_schema_is_that_of_the_program() -> None:
    """The published schema is what the program writes, as `make findings` writes it."""
    assert SCHEMA.read_text(encoding="utf-8") == json_schema(), "run `make findings`"


def test_every_finding_fits() -> None:
    """The JSON of every number is read back by its own types."""
    found = SortedFindings(tuple(one for facts in CASES.values() for one in diagnose(facts)))
    written = Report([AccountDiagnosis("All", "test", 5, found, None)]).as_json()
    read = msgspec.json.decode(encode(written), type=DiagnosisDocument)

    assert msgspec.to_builtins(read) == written


def test_half_a_character() -> None:
    """A name of the platform that is no valid Unicode does not stop the output."""
    odd = configured(code="app-1")
    facts = account(replace(odd, application=replace(odd.application, name="Kestrel \ud83d")))
    found = AccountDiagnosis("All", "test", 5, SortedFindings(diagnose(facts)), 1)

    for document in (Report([found]).as_json(), Report([found]).as_sarif()):
        assert b"IBC-1002" in encode(document)
