"""Scenarios that the program brings along."""

import pytest

from ibconsole.listener.answers.checking import check_scenario
from ibconsole.listener.answers.presets import PRESETS
from ibconsole.listener.answers.values import AnswerScenario, retries_expected


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_presets_are_valid(preset: AnswerScenario) -> None:
    """A preset can be set, is found by its name, and makes a platform repeat."""
    assert list(check_scenario(preset)) == []
    assert PRESETS[preset.name] is preset
    assert retries_expected(preset)
