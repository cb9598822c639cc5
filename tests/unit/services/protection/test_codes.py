"""Where the policy masks application codes, none is readable in anything that is shown."""

import json
from base64 import b64encode
from collections.abc import Callable

import pytest

from ibconsole.services.protection import NotPermitted, Policy, PolicyInForce
from ibconsole.services.protection.codes import ShownCodes
from ibconsole.services.protection.policy import CLOSED

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a"
LONG = "0f1e2d3c4b5a69788796a5b4c3d2e1f0-a48f7d3c-0ad0-4ea6-97a7-4d3ba1ed8a5c"
OTHER = "code of another kind"
IN_BASE64 = b64encode(b'{"applicationCode":"%b"}' % CODE.encode()).decode()
MASKED = PolicyInForce(Policy(forbid_revealed_codes=True), "/etc/policy.toml").codes
OPEN = PolicyInForce().codes

Show = Callable[[ShownCodes], object]


@pytest.mark.parametrize(
    "show",
    [
        lambda codes: codes.code(CODE),
        lambda codes: codes.text(f"to {CODE}."),
        lambda codes: codes.text(f"of {LONG.upper()}"),
        lambda codes: codes.text(f"{OTHER}, {OTHER}", OTHER),
        lambda codes: codes.text(f"https://x/push/1/applications/{OTHER.replace(' ', '-')}/y"),
        lambda codes: codes.body(b'{"applicationCode":"%b"}' % OTHER.encode()),
        lambda codes: codes.body(b"to=%b" % OTHER.encode(), OTHER),
        lambda codes: codes.body(b"%b\n%b" % (CODE.encode(), LONG.encode())),
        lambda codes: codes.body(IN_BASE64.encode()),
        lambda codes: codes.value([{"applicationCode": OTHER, "x": [1, OTHER, f"{LONG}"]}]),
        lambda codes: codes.value({OTHER: None}, OTHER),
    ],
)
def test_no_code_stays_readable(show: Show) -> None:
    """By its name, path or look, or because it is known; without the policy all are readable."""
    readable = (CODE, LONG, OTHER, OTHER.replace(" ", "-"), LONG.upper(), IN_BASE64)

    assert not any(code in str(show(MASKED)) for code in readable)
    assert any(code in str(show(OPEN)) for code in readable)


def test_nothing_else_is_masked() -> None:
    """Other texts, bytes and values stay as they are, also those that are nearly codes."""
    text = f"{CODE[:31]}-8bj4el4a x{CODE}x 12"
    value = {"a": [1, 2.5, None, True, "ü"], "n": 2**70}

    assert MASKED.text(text) == text
    assert MASKED.body(b"\0\xff") == b"\0\xff"
    assert MASKED.value(value) == value


def test_readable_codes_are_refused_with_the_reason() -> None:
    """A policy that cannot be understood masks codes too, and says what is wrong with it."""
    OPEN.require("Writing")
    with pytest.raises(NotPermitted, match=r"^Writing is not permitted .* your administrator\.$"):
        MASKED.require("Writing")
    broken = PolicyInForce(CLOSED, "/etc/policy.toml", "line 1: x is not a key").codes
    with pytest.raises(NotPermitted, match="line 1: x is not a key"):
        broken.require("Writing")


def test_masks_are_those_of_lists() -> None:
    assert MASKED.code(CODE) == "2336…el4a"
    assert json.dumps(MASKED.value({"applicationCode": CODE}), ensure_ascii=False) == (
        '{"applicationCode": "2336…el4a"}'
    )
