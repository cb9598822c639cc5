"""Muting of findings, for a reason, until a date."""

from pathlib import Path

import pytest

from ibconsole.clock import now_ms
from ibconsole.services.connections import Mute, SettingsFile
from ibconsole.services.diagnosis.muting import LONGEST, Mutes, NotMuted, scope_of, sort_out
from ibconsole.services.diagnosis.rules.all_rules import diagnose
from tests.unit.services.diagnosis.samples import (
    CODE,
    NOW,
    OWN,
    account,
    configured,
    forward,
)

DAY = 86_400_000
FINDINGS = diagnose(
    account(configured(forward("http://localhost/a"), forward("http://localhost/b", "F2")))
)


@pytest.fixture
def mutes(tmp_path: Path) -> Mutes:
    return Mutes(SettingsFile(tmp_path / "settings.json"))


def test_one_subject(mutes: Mutes) -> None:
    """A mute of one finding leaves that of the other action alone, and names its reason."""
    first, second = (one for one in FINDINGS if one.number == 1106)
    mute = mutes.mute_finding(first, " A  tunnel ends here. ", now_ms() + DAY)
    sorted_out = sort_out(FINDINGS, mutes.load())

    assert first not in sorted_out.shown
    assert second in sorted_out.shown
    assert [(one.finding, one.mute) for one in sorted_out.muted] == [(first, mute)]
    assert mute.reason == "A tunnel ends here."


def test_one_application(mutes: Mutes) -> None:
    """A number can be muted for an application, and unmuted again."""
    mutes.mute_application((OWN, CODE, "Kestrel"), 1106, "Known.", now_ms() + DAY)
    muted = sort_out(FINDINGS, mutes.load()).muted

    assert [one.finding.number for one in muted] == [1106, 1106]
    assert mutes.unmute(scope_of(OWN, CODE), 1106)
    assert not mutes.unmute(scope_of(OWN, CODE), 1106)
    assert sort_out(FINDINGS, mutes.load()).shown == FINDINGS


def test_a_mute_ends_by_itself() -> None:
    """After its end a mute has no effect."""
    mute = Mute(scope_of(OWN, CODE), 1106, "Known.", NOW)

    assert sort_out(FINDINGS, [mute], NOW - 1).muted
    assert not sort_out(FINDINGS, [mute], NOW).muted


@pytest.mark.parametrize(
    ("reason", "end"),
    [("", DAY), ("  ", DAY), ("x" * 501, DAY), ("Known.", 0), ("Known.", LONGEST + DAY)],
)
def test_what_is_no_mute(mutes: Mutes, reason: str, end: int) -> None:
    """A mute needs a reason and an end that is near enough; else nothing is changed."""
    with pytest.raises(NotMuted):
        mutes.mute_finding(FINDINGS[0], reason, now_ms() + end)
    assert mutes.load() == ()


def test_no_code_in_the_settings(tmp_path: Path, mutes: Mutes) -> None:
    """The settings do not hold application codes, which are credentials."""
    mutes.mute_finding(FINDINGS[0], "Known.", now_ms() + DAY)
    mutes.mute_application((OWN, CODE, "Kestrel"), 1106, "Known.", now_ms() + DAY)

    assert CODE not in (tmp_path / "settings.json").read_text().replace(f"Name of {CODE}", "")
