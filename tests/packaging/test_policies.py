"""The samples of a policy are those of the program's keys, and the program understands them."""

import plistlib
import re
from pathlib import Path
from xml.etree import ElementTree as ET

from ibconsole.services.protection.policy import DESCRIPTIONS, OPEN, Policy, parse_policy, policy_of
from ibconsole.services.protection.policy_source import PREFERENCES, REGISTRY_KEY
from policies import samples
from release import IDENTIFIER, ROOT

FOLDER = ROOT / "packaging"
FULL = Policy(
    **{key: True for key in DESCRIPTIONS if getattr(OPEN, key) is False},
    base_urls=("https://xxxxx.api.infobip.com",),
    keep_days=365,
    team_database=("postgresql://postgres.example/ibconsole?sslmode=verify-full",),
)


def test_the_samples_are_up_to_date() -> None:
    """After a change of the keys: `make policies`."""
    for path, text in samples().items():
        assert (FOLDER / path).read_text(encoding="utf-8") == text, path


def test_the_file_for_linux_forbids_nothing_until_it_is_edited() -> None:
    text = samples()[Path("linux/policy.toml")]
    assert parse_policy(text.encode()) == OPEN
    edited = re.sub(r"(?m)^# (?=\w+ = )", "", text)
    assert parse_policy(edited.encode()) == FULL


def test_the_profile_for_macos_is_that_of_the_program() -> None:
    """Its preferences are those of the bundle's identifier; nothing is forced until edited."""
    text = samples()[Path("macos/ibconsole.mobileconfig")]
    assert PREFERENCES.name == f"{IDENTIFIER}.plist"
    assert _forced(text) == OPEN
    assert _forced(re.sub(r"<!-- [^<]*(<key>.*) -->", r"\1", text)) == FULL


def _forced(text: str) -> Policy:
    [payload] = plistlib.loads(text.encode())["PayloadContent"]
    [forced] = payload["PayloadContent"][IDENTIFIER]["Forced"]
    return policy_of(forced["mcx_preference_settings"])


def test_the_templates_for_windows_name_every_key_and_no_other() -> None:
    admx = _parse("windows/policies/ibconsole.admx")
    adml = _parse("windows/policies/en-US/ibconsole.adml")
    policies = [one for one in admx.iter() if one.tag.endswith("}policy")]
    assert [one.get("name") for one in policies] == list(DESCRIPTIONS)
    assert {one.get("key") for one in policies} == {REGISTRY_KEY}
    values = {one.get("valueName") for one in admx.iter()} - {None}
    assert values == set(DESCRIPTIONS)

    defined = {(_kind(one), one.get("id")) for one in adml.iter() if one.get("id")}
    used = re.findall(r"\$\((\w+)\.(\w+)\)", ET.tostring(admx, encoding="unicode"))
    assert defined == set(used)


def _parse(name: str) -> ET.Element:
    return ET.fromstring(samples()[Path(name)])  # noqa: S314 our own text


def _kind(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
