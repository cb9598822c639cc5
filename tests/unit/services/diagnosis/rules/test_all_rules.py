"""The diagnosis: every rule over the facts of one account."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.model import read_action, read_application
from ibconsole.services.diagnosis.catalogue import Basis, all_definitions, definition_of
from ibconsole.services.diagnosis.rules.all_rules import diagnose
from ibconsole.services.diagnosis.rules.facts import (
    AccountFacts,
    ApplicationFacts,
    ConfigurationFacts,
    Facts,
)
from tests.unit.services.diagnosis.rules.cases import CASES
from tests.unit.services.diagnosis.samples import (
    NOW,
    account,
    arrived,
    configured,
    forward,
    numbers,
    probed,
    pull,
    pulled,
    with_console,
)

CLEAN: Sequence[Facts] = (
    account(),
    account(configured(forward(), arrivals=arrived())),
    account(configured(pull()), pulls=pulled(0, 0, 3)),
    probed(expires_at=NOW / 1000 + 22 * 86_400),
    with_console(clock_offset=20.0, has_archive=True),
)


@pytest.mark.parametrize("number", CASES)
def test_every_fault_is_found(number: int) -> None:
    """An account with a fault has the finding about it, as the catalogue describes it."""
    found = [one for one in diagnose(CASES[number]) if one.number == number]
    definition = definition_of(number)

    assert found
    assert found[0].confidence.basis is definition.basis
    assert (found[0].confidence.times > 0) is (definition.basis is Basis.OBSERVED)
    assert found[0].sentence.endswith((".", "?"))


@pytest.mark.parametrize("position", range(len(CLEAN)))
def test_a_clean_account_has_no_findings(position: int) -> None:
    """Nothing is found where nothing is wrong."""
    assert numbers(CLEAN[position]) == []


def test_every_number_has_a_case() -> None:
    """No number of the catalogue is without a rule, and no rule has a number of its own."""
    active = {one.number for one in all_definitions() if not one.retired}

    assert active == CASES.keys()


def test_each_finding_has_an_id_of_its_own() -> None:
    """Two findings of one account never have the same id, and the order does not change."""
    many = account(
        *(
            configured(
                forward(f"http://localhost:{number}/in", f"F{number}"), pull(), code=f"app{number}"
            )
            for number in range(1, 20)
        )
    )
    found = diagnose(many)

    assert len({one.id for one in found}) == len(found)
    assert diagnose(many) == found
    assert [one.level.rank for one in found] == sorted(one.level.rank for one in found)


_JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=3,
)
_URLS = st.text() | st.text().map("https://{}".format) | st.just("https://a.aero/in") | _JSON
_ACTIONS = st.fixed_dictionaries(
    {},
    optional={
        "key": _JSON,
        "type": st.sampled_from(["HTTP_FORWARD", "PULL"]) | _JSON,
        "forwardUrl": _URLS,
        "callbackData": _JSON,
    },
).map(read_action)
_CONFIGURATIONS = st.builds(
    ConfigurationFacts, st.text(max_size=4), st.none() | st.lists(_ACTIONS, max_size=3).map(tuple)
)
_APPLICATIONS = st.builds(
    ApplicationFacts,
    st.dictionaries(
        st.sampled_from(["applicationCode", "name", "registrationsCount", "apns", "gcm"]), _JSON
    ).map(read_application),
    st.none() | st.lists(_CONFIGURATIONS, max_size=2).map(tuple),
)


@settings(max_examples=30)
@given(st.lists(_APPLICATIONS, max_size=4), st.booleans(), st.booleans())
def test_any_setup(applications: list[ApplicationFacts], sandbox: bool, production: bool) -> None:
    """No setup makes a rule fail, and its findings are the same when they are read again."""
    facts = Facts(
        NOW,
        AccountFacts("c", "name", sandbox=sandbox, production=production),
        tuple(applications),
    )
    found = diagnose(facts)

    assert [one.id for one in found] == [one.id for one in diagnose(facts)]
    assert all(len(one.id) == 20 for one in found)
