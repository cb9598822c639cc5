"""Rules of firewalls, in the forms in which users paste them."""

import json
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.allow_list.firewall_rules import read_rules

NET = "193.105.74.0-193.105.74.255"
OTHER = "62.140.31.0-62.140.31.255"
ALL = "0.0.0.0-255.255.255.255"


def rules(text: str) -> list[str]:
    """Return the rules, those that deny with a minus."""
    return [
        f"{'' if one.allows else '-'}{IPv4Address(one.addresses.first)}"
        f"-{IPv4Address(one.addresses.last)}"
        for one in read_rules(text).rules
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("193.105.74.0/24, 62.140.31.0/24", [NET, OTHER]),
        ("193.105.74.0/24;62.140.31.0/24", [NET, OTHER]),
        ("193.105.74.0/24\tPlatform\n62.140.31.0/24 - Platform 2", [NET, OTHER]),
        ("allow 193.105.74.0/24; # allow 9.9.9.9;\ndeny all;", [NET, f"-{ALL}"]),
        ("deny 193.105.74.0/24;\nallow all;", [f"-{NET}", ALL]),
        ("/* 1.1.1.1\n2.2.2.2 */ 193.105.74.0/24 // 3.3.3.3", [NET]),
        ("Order deny,allow\nDeny from all\nAllow from 193.105.74 62.140.31.", [NET, OTHER]),
        ("Require ip 193.105.74\nRequire not ip 62.140.31", [NET, f"-{OTHER}"]),
        ("Require all granted", [ALL]),
        ("<RequireAny>\n<!-- Require ip 1.2.3.4 -->\nRequire ip 193.105.74.0/24", [NET]),
        ("-A INPUT -s 193.105.74.0/24 -p tcp --dport 443 -j ACCEPT", [NET]),
        ("-A INPUT -s 193.105.74.0/24 -d 10.0.0.5 -j ACCEPT", [NET]),
        ("-A INPUT -s 193.105.74.0/24 -j DROP", [f"-{NET}"]),
        ("-A INPUT ! -s 193.105.74.0/24 -j DROP", [NET]),
        ("-A INPUT -m iprange --src-range 62.140.31.0-62.140.31.255 -j ACCEPT", [OTHER]),
        ("-A OUTPUT -d 62.140.31.0/24 -j ACCEPT\n-A INPUT -i lo -j ACCEPT", []),
        ("-A INPUT -p tcp --dport 443 -j ACCEPT", [ALL]),
        ('-A INPUT -s 193.105.74.0/24 -m comment --comment "was 1.1.1.1" -j ACCEPT', [NET]),
        ("ip saddr { 193.105.74.0/24, 62.140.31.0/24 } tcp dport 443 accept", [NET, OTHER]),
        ("ip saddr != 193.105.74.0/24 drop", [NET]),
        ("elements = { 193.105.74.0/24,\n  62.140.31.0/24 }", [NET, OTHER]),
        ("ufw allow from 193.105.74.0/24 to any port 443\nufw allow 22", [NET]),
        ("ufw allow from 193.105.74.0/24 to 10.0.0.5", [NET]),
        ("ufw allow 443/tcp", [ALL]),
        ('rule family="ipv4" source address="193.105.74.0/24" accept', [NET]),
        ('rule family="ipv4" source address="193.105.74.0/24" reject', [f"-{NET}"]),
        ("access-list X extended permit tcp 193.105.74.0 255.255.255.0 any eq 443", [NET]),
        ("permit ip 193.105.74.0 0.0.0.255 host 10.0.0.5", [NET]),
        ("permit tcp any host 10.0.0.5 eq 443", [ALL]),
        ("! 1.1.1.1\nremark 2.2.2.2\npermit ip 193.105.74.0 0.0.0.255 any", [NET]),
        ("set start-ip 193.105.74.0\nset end-ip 193.105.74.255", [NET]),
        ("set subnet 193.105.74.0 255.255.255.0", [NET]),
        ("acl platform src 193.105.74.0/24\nhttp-request deny unless platform", [NET]),
        ("http-request deny if !{ src 193.105.74.0/24 }", [NET]),
        (
            "netsh rule action=allow remoteip=193.105.74.0/24,62.140.31.0-62.140.31.255",
            [NET, OTHER],
        ),
        ("pass in from any to any port 443", [ALL]),
        (
            'ingress {\n  cidr_blocks = ["193.105.74.0/24"]\n}\n'
            'egress {\n  cidr_blocks = ["0.0.0.0/0"]\n}\ncidr = "62.140.31.0/24"',
            [NET, OTHER],
        ),
        (
            "SecurityGroupEgress:\n  - CidrIp: 0.0.0.0/0\n"
            "SecurityGroupIngress:\n  - CidrIp: 193.105.74.0/24",
            [NET],
        ),
    ],
)
def test_forms_of_rules(text: str, expected: list[str]) -> None:
    assert rules(text) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            {
                "IpPermissions": [
                    {"FromPort": 443, "IpRanges": [{"CidrIp": "193.105.74.0/24"}]},
                    {"FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
                ],
                "IpPermissionsEgress": [{"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
                "Description": "not 1.1.1.1",
            },
            [NET],
        ),
        (
            {
                "Entries": [
                    {"RuleNumber": 200, "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"},
                    {"RuleNumber": 100, "RuleAction": "deny", "CidrBlock": "62.140.31.0/24"},
                    {
                        "RuleNumber": 1,
                        "Egress": True,
                        "RuleAction": "allow",
                        "CidrBlock": "0.0.0.0/0",
                    },
                ]
            },
            [f"-{OTHER}", ALL],
        ),
        ([{"sourceRanges": ["193.105.74.0/24"], "allowed": [{"ports": ["443"]}]}], [NET]),
        ([{"sourceRanges": ["193.105.74.0/24"], "denied": [{"ports": ["443"]}]}], [f"-{NET}"]),
        ([{"sourceRanges": ["0.0.0.0/0"], "direction": "EGRESS"}], []),
        ({"startIpAddress": "62.140.31.0", "endIpAddress": "62.140.31.255"}, [OTHER]),
        (
            {"properties": {"access": "Deny", "sourceAddressPrefixes": ["62.140.31.0/24"]}},
            [f"-{OTHER}"],
        ),
        (["193.105.74.0/24", "62.140.31.0/24"], [NET, OTHER]),
    ],
)
def test_json_of_cloud_providers(document: object, expected: list[str]) -> None:
    assert rules(json.dumps(document)) == expected


def test_rules_for_other_services_are_named_and_not_counted() -> None:
    read = read_rules("-A INPUT -s 193.105.74.0/24 -p tcp --dport 22 -j ACCEPT")
    assert not read.rules
    assert read.notes == ("Line 1 is about port 22 and was not counted.",)


def test_what_cannot_be_read_is_named_with_its_line() -> None:
    read = read_rules("193.105.74.0/24\n62.140.31.0/240\n")
    assert [(one.line, one.text) for one in read.unread] == [(2, "62.140.31.0/240")]


def test_deep_json_is_not_followed_to_its_end() -> None:
    assert read_rules("[" * 100 + '"1.2.3.4"' + "]" * 100).notes


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    read_rules(text)


def test_a_long_line_is_a_plain_list() -> None:
    """A list of thousands of entries in one line is read whole, up to a comment in it."""
    entries = [f"10.{number >> 8}.{number & 255}.0/24" for number in range(5_000)]

    for separator in (",", "; ", " ", ";"):
        read = read_rules(separator.join(entries) + f"{separator} # 1.2.3.4")
        assert [one.addresses.text for one in read.rules] == entries
