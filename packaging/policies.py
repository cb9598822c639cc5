"""Writes the samples of an administrator's policy from the table of its keys: `make policies`.

They are a TOML file for Linux, the templates of Windows (ADMX, ADML), and a profile for macOS. The
last two were never used on their systems.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import get_type_hints
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from ibconsole.services.protection import (
    DESCRIPTIONS,
    MOST_DAYS,
    PREFERENCES,
    REGISTRY_KEY,
    Policy,
)

_SCHEMA = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"
_ABOUT = "The limits that an administrator sets for ibconsole, a console for inbound messages."
_DAYS = 365  # in the samples, where they are switched off: messages are deleted by them
_URL = "https://xxxxx.api.infobip.com"
_DATABASE = "postgresql://postgres.example/ibconsole?sslmode=verify-full"
_TYPES = get_type_hints(Policy)
_LISTS = [key for key in DESCRIPTIONS if _TYPES[key] in (tuple[str, ...], tuple[str, ...] | None)]
_FLAGS = [key for key in DESCRIPTIONS if _TYPES[key] is bool]


def samples() -> Mapping[Path, str]:
    """Return the text of every sample by its path in this folder."""
    return {
        Path("linux/policy.toml"): _toml(),
        Path("windows/policies/ibconsole.admx"): _admx(),
        Path("windows/policies/en-US/ibconsole.adml"): _adml(),
        Path("macos/ibconsole.mobileconfig"): _profile(),
    }


def _toml() -> str:
    values = {
        **dict.fromkeys(_FLAGS, "true"),
        "base_urls": f'["{_URL}"]',
        "keep_days": str(_DAYS),
        "team_database": f'["{_DATABASE}"]',
    }
    keys = "".join(f"\n# {DESCRIPTIONS[key]}\n# {key} = {values[key]}\n" for key in DESCRIPTIONS)
    return (
        "# A policy for ibconsole: /etc/ibconsole/policy.toml, owned by root and writable for\n"
        "# root alone. Remove the number sign before what shall be in force.\n" + keys
    )


def _admx() -> str:
    return _document(
        "policyDefinitions",
        '  <policyNamespaces>\n    <target prefix="ibconsole" namespace="ibconsole.Policies"/>\n'
        "  </policyNamespaces>\n"
        '  <resources minRequiredRevision="1.0"/>\n'
        "  <supportedOn>\n    <definitions>\n"
        '      <definition name="any" displayName="$(string.any)"/>\n'
        "    </definitions>\n  </supportedOn>\n"
        "  <categories>\n"
        '    <category name="ibconsole" displayName="$(string.ibconsole)"/>\n'
        "  </categories>\n"
        f"  <policies>\n{''.join(map(_admx_policy, DESCRIPTIONS))}  </policies>\n",
    )


def _admx_policy(key: str) -> str:
    flag = key in _FLAGS
    value = f' valueName="{key}"' if flag else f' presentation="$(presentation.{key})"'
    return (
        f'    <policy name="{key}" class="Machine" displayName="$(string.{key})"'
        f' explainText="$(string.{key}_explained)" key="{REGISTRY_KEY}"{value}>\n'
        '      <parentCategory ref="ibconsole"/>\n      <supportedOn ref="any"/>\n'
        + (
            '      <enabledValue><decimal value="1"/></enabledValue>\n'
            '      <disabledValue><decimal value="0"/></disabledValue>\n'
            if flag
            else f"      <elements>{_admx_element(key)}</elements>\n"
        )
        + "    </policy>\n"
    )


def _admx_element(key: str) -> str:
    name = f'id="{key}" valueName="{key}" required="true"'
    if key in _LISTS:
        return f"<multiText {name}/>"
    return f'<decimal {name} minValue="1" maxValue="{MOST_DAYS}"/>'


def _adml() -> str:
    strings = {"ibconsole": "ibconsole", "any": "ibconsole on any Windows"}
    for key, description in DESCRIPTIONS.items():
        strings |= {key: _title(key), f"{key}_explained": description}
    texts = "".join(
        f'      <string id="{name}">{escape(text)}</string>\n' for name, text in strings.items()
    )
    return _document(
        "policyDefinitionResources",
        f"  <displayName>ibconsole</displayName>\n  <description>{_ABOUT}</description>\n"
        f"  <resources>\n    <stringTable>\n{texts}    </stringTable>\n    <presentationTable>\n"
        + "".join(
            f'      <presentation id="{key}">{_adml_box(key)}</presentation>\n'
            for key in DESCRIPTIONS
            if key not in _FLAGS
        )
        + "    </presentationTable>\n  </resources>\n",
    )


def _adml_box(key: str) -> str:
    if key in _LISTS:
        return f'<multiTextBox refId="{key}">{_title(key)}, one a line</multiTextBox>'
    return f'<decimalTextBox refId="{key}" defaultValue="{_DAYS}">{_title(key)}</decimalTextBox>'


def _document(root: str, body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<{root} revision="1.0" schemaVersion="1.0" xmlns="{_SCHEMA}">\n{body}</{root}>\n'
    )


def _profile() -> str:
    domain = PREFERENCES.stem
    values = {
        **dict.fromkeys(_FLAGS, "<true/>"),
        "base_urls": f"<array><string>{_URL}</string></array>",
        "keep_days": f"<integer>{_DAYS}</integer>",
        "team_database": f"<array><string>{_DATABASE}</string></array>",
    }
    indent = " " * 14
    keys = "".join(
        f"{indent}<!-- {DESCRIPTIONS[key]}\n{indent}<key>{key}</key>{values[key]} -->\n"
        for key in DESCRIPTIONS
    )
    payload = {
        "PayloadType": "com.apple.ManagedClient.preferences",
        "PayloadIdentifier": f"{domain}.policy.preferences",
        "PayloadUUID": str(uuid5(NAMESPACE_URL, f"{domain}.policy.preferences")).upper(),
    }
    whole = {
        "PayloadType": "Configuration",
        "PayloadIdentifier": f"{domain}.policy",
        "PayloadUUID": str(uuid5(NAMESPACE_URL, f"{domain}.policy")).upper(),
        "PayloadDisplayName": "ibconsole",
        "PayloadDescription": _ABOUT,
        "PayloadScope": "System",
    }
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN"'
        ' "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n'
        "<!-- Take what shall be in force out of its comment. -->\n"
        '<plist version="1.0">\n<dict>\n'
        f"{_plist_texts(whole, 2)}  <key>PayloadContent</key>\n  <array>\n    <dict>\n"
        f"{_plist_texts(payload, 6)}      <key>PayloadContent</key>\n"
        f"      <dict>\n        <key>{domain}</key>\n        <dict>\n          <key>Forced</key>\n"
        "          <array><dict>\n            <key>mcx_preference_settings</key>\n"
        f"            <dict>\n{keys}            </dict>\n          </dict></array>\n"
        "        </dict>\n      </dict>\n    </dict>\n  </array>\n</dict>\n</plist>\n"
    )


def _plist_texts(values: Mapping[str, str], indent: int) -> str:
    space = " " * indent
    texts = "".join(
        f"{space}<key>{key}</key><string>{escape(text)}</string>\n" for key, text in values.items()
    )
    return f"{texts}{space}<key>PayloadVersion</key><integer>1</integer>\n"


def _title(key: str) -> str:
    return key.replace("_", " ").capitalize().replace("urls", "URLs")


def write_samples() -> None:
    """Write every sample."""
    for name, text in samples().items():
        path = ROOT / "packaging" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_samples()
