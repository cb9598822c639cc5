"""The outputs of a diagnosis: JSON, SARIF 2.1.0 and Markdown."""

import json
from typing import Any

from ibconsole.model import encode
from ibconsole.services.connections import Mute
from ibconsole.services.diagnosis.catalogue import Level, all_definitions
from ibconsole.services.diagnosis.muting import SortedFindings, scope_of, sort_out
from ibconsole.services.diagnosis.outputs import AccountDiagnosis, Report
from ibconsole.services.diagnosis.rules.all_rules import diagnose
from tests.unit.services.diagnosis.rules.cases import CASES
from tests.unit.services.diagnosis.samples import CODE, NOW, OWN, account, configured, forward

URL = "https://anna:hunter2@hooks.kestrel.aero/inbound/AbCdEfGhIjKlMnOp?token=hunter2"
FINDINGS = diagnose(account(configured(forward(URL))))
MUTE = Mute(scope_of(OWN, CODE), 1105, "Known.", NOW + 1)
DIAGNOSIS = AccountDiagnosis("Kestrel | Air", "production", NOW, sort_out(FINDINGS, [MUTE], NOW), 1)
ALL = AccountDiagnosis(
    "All",
    "test",
    NOW,
    SortedFindings(tuple(one for facts in CASES.values() for one in diagnose(facts))),
    7,
)


def texts_of(report: Report) -> list[str]:
    return [
        encode(report.as_json()).decode(),
        encode(report.as_sarif()).decode(),
        report.as_markdown(),
    ]


def test_what_leaves_the_computer_is_masked() -> None:
    """No output has a secret; application codes and paths only if the user wants them."""
    for text in texts_of(Report([DIAGNOSIS])):
        assert not {one for one in ("hunter2", "AbCdEfGhIjKlMnOp") if one in text}
        assert f'"{CODE}"' not in text
    for text in texts_of(Report([DIAGNOSIS], reveal=True)):
        assert "hunter2" not in text
        assert "AbCdEfGhIjKlMnOp" in text


def test_json() -> None:
    """JSON has every finding with its explanation, and muted ones with their reason."""
    document: Any = json.loads(encode(Report([DIAGNOSIS]).as_json()))
    [one] = document["accounts"]

    assert (document["format"], one["worst"], one["applications"]) == (1, "warning", 1)
    assert [finding["number"] for finding in one["findings"]] == ["IBC-1104", "IBC-1803"]
    assert one["findings"][0]["confidence"] == {"basis": "documented", "times": 0}
    assert one["findings"][0]["evidence"][0]["at"] == "2027-01-15T08:00:00Z"
    assert [finding["mute"]["reason"] for finding in one["muted"]] == ["Known."]


def test_sarif() -> None:
    """SARIF has what its schema requires, for every number of the catalogue."""
    document: Any = json.loads(encode(Report([DIAGNOSIS, ALL]).as_sarif()))
    [run] = document["runs"]
    rules = run["tool"]["driver"]["rules"]

    assert document["version"] == "2.1.0"
    assert document.keys() == {"$schema", "version", "runs"}
    assert len({rule["id"] for rule in rules}) == len(rules) == len(list(all_definitions()))
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        assert result["message"]["text"]
        assert result["partialFingerprints"]["ibconsole/v1"]
        assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]
    suppressed = [result for result in run["results"] if "suppressions" in result]
    assert [result["suppressions"][0]["justification"] for result in suppressed] == ["Known."]
    assert {result["ruleId"] for result in run["results"]} == {rule["id"] for rule in rules}


def test_markdown() -> None:
    """Markdown is one section an account; nothing from outside is interpreted."""
    text = Report([DIAGNOSIS, ALL]).as_markdown()

    assert text.startswith("# Kestrel \\| Air\n")
    assert "1 finding muted." in text
    assert "## IBC-1104 (warning): The URL contains a user name or a password" in text


def test_the_worst() -> None:
    """An account is as bad as its worst finding that is not muted."""
    assert (ALL.worst, DIAGNOSIS.worst) == (Level.ERROR, Level.WARNING)
    assert AccountDiagnosis("None", "", NOW, SortedFindings()).worst is None
