"""IBC-19xx: rules about received messages that differ from the documented contract."""

from ibconsole.services.diagnosis.rules.all_rules import diagnose
from ibconsole.services.diagnosis.rules.facts import DriftFacts
from tests.unit.services.diagnosis.samples import account, arrived, configured, forward


def test_the_most_frequent_fields_come_first() -> None:
    """Fields are named by how often they were seen, and counted."""
    drift = DriftFacts(examined=20, unknown={"a": 1, "b": 20, "c\u202e": 2})
    [found] = diagnose(account(configured(forward(), arrivals=arrived(drift=drift))))

    assert found.sentence.endswith("not documented: b, c\\u202e, a.")
    assert found.confidence.times == 20
    assert found.evidence[0].sentence == "b: 20 of 20 messages."


def test_messages_without_an_application() -> None:
    """What names no application is a finding about the account."""
    drift = DriftFacts(examined=0, not_messages=3)
    [found] = diagnose(account(unassigned=arrived(drift=drift)))

    assert (found.number, found.subject.application) == (1904, "")
