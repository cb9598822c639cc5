import pytest

from ibconsole.model import ActionDraft
from ibconsole.secret import MASK, Secret
from ibconsole.services.setup.files import Masking, WantedAction, creation_problem, matches


def forward(url: str, data: str = "") -> ActionDraft:
    return ActionDraft(type="HTTP_FORWARD", forward_url=url, callback_data=data)


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("https://u:p@h/in", "https://••••@h/in"),
        ("https://u@h", "https://••••@h"),
        ("HTTPS://a@b@h:8/in", "HTTPS://••••@h:8/in"),
        ("//u:p@h", "//••••@h"),
        ("https://u:p#ss@h/in", "https://••••@h/in"),
        ("https://u:p/w?d@h/in", "https://••••@h/in"),
        ("https://u:p\\w@h/in", "https://••••@h/in"),
        ("https://h/in?mail=a@b", "https://h/in?mail=a@b"),
        ("https://h:8080/@u", "https://h:8080/@u"),
        ("https://h/", "https://h/"),
        ("https://[::1]/@u", "https://[::1]/@u"),
        ("https://h:/@u", "https://h:/@u"),
        ("https://@h", "https://@h"),
        ("https://h/?to=https://u:p@i/&as=//v@j", "https://h/?to=https://••••@i/&as=//••••@j"),
        ("", ""),
    ],
)
def test_users_in_urls_are_always_masked(url: str, masked: str) -> None:
    """A user and a password never get into a file, also where they break the rules of URLs."""
    assert Masking().draft(forward(url, f"see {url}")) == forward(masked, f"see {masked}")


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("https://h/in?a=1&b=&c=x=y", "https://h/in?a=••••&b=&c=••••"),
        ("https://h/in?token", "https://h/in?••••"),
        ("https://h/in?a=1;b=2#frag", "https://h/in?a=••••;b=••••#••••"),
        ("https://h/in?", "https://h/in?"),
        ("https://h/in", "https://h/in"),
    ],
)
def test_values_of_queries_are_masked_if_asked(url: str, masked: str) -> None:
    """Names of parameters stay, so that a reader sees what there is."""
    assert Masking(masks_queries=True).draft(forward(url)) == forward(masked)
    assert Masking().draft(forward(url)) == forward(url)


def test_the_credential_is_masked_in_each_spelling() -> None:
    """The key of the account does not get out, in whichever way it was put into an action."""
    masking = Masking(Secret("key 1/2/3"))
    data = "key 1/2/3, key%201%2F2%2F3, key+1%2F2%2F3, App 0123456789abcdef"

    masked = masking.draft(forward("https://h/key%201%2F2%2F3", data))

    assert masked == forward("https://h/••••", "••••, ••••, ••••, App ••••")


def test_what_the_client_masked_is_masked() -> None:
    """The client replaces the credential in an answer by asterisks: they are not its value."""
    assert Masking().text("https://h?k=********&l=*&m=*******") == "https://h?k=••••&l=*&m=*******"


def test_the_longer_of_two_codes_is_masked() -> None:
    """A code that begins like another one leaves no rest, and short texts are no codes."""
    masking = Masking(codes=["0123456789ab", "0123456789abcdef", "012345"])

    found = masking.text("x0123456789abcdef0123456789ab012345" + "0123456789ab" * 3)

    assert found == f"x{MASK * 2}012345{MASK * 3}"


@pytest.mark.parametrize(
    ("wanted", "actual", "expected"),
    [
        ("https://h", "https://h", True),
        ("https://h", "https://h/", False),
        ("https://••••@h", "https://u:p@h", True),
        ("https://••••@h", "https://@h", False),
        ("https://••••@h", "https://u:p@i", False),
        ("https://h?a=••••&b=••••", "https://h?a=1&b=2", True),
        ("https://h?a=••••&b=••••", "https://h?a=1&b=", False),
        ("https://h?a=••••&b=••••&c", "https://h?a=1&b=2&b=3&c", True),
        ("ab••••ba", "aba", False),
        ("••••", "", False),
        ("••••", "••••", True),
    ],
)
def test_a_mask_stands_for_what_it_hides(wanted: str, actual: str, expected: bool) -> None:
    """A masked value matches the action that it was exported from, and none that differs."""
    assert matches(WantedAction(forward(wanted)), forward(actual)) is expected
    assert matches(WantedAction(forward("u", wanted)), forward("u", actual)) is expected
    assert not matches(WantedAction(forward(wanted)), ActionDraft(type="PULL", forward_url=actual))


def test_masks_take_no_time() -> None:
    """Many masks against a long value cost no more than their lengths."""
    wanted = WantedAction(forward(f"{MASK}a" * 500 + "b"))

    assert not matches(wanted, forward("a" * 20_000))
    for part in ("//", ":x", "//a:b/", "//a@", "@", "?a&"):
        assert Masking(masks_queries=True).draft(forward(f"@//{part * 20_000}"))


@pytest.mark.parametrize(
    ("draft", "problem"),
    [
        (forward("https://h/in"), ""),
        (forward("http://127.0.0.1:1/"), ""),
        (ActionDraft(type="PULL"), ""),
        (ActionDraft(type="Other", forward_url="x"), ""),
        (forward(f"https://{MASK}@h"), "a masked value"),
        (ActionDraft(type="PULL", callback_data=MASK), "a masked value"),
        (ActionDraft(type=""), "needs a type"),
        (ActionDraft(type="pull"), "type has to be written PULL"),
        (ActionDraft(type=" Http-Forward"), "type has to be written HTTP_FORWARD"),
        (forward(""), "needs a forwardUrl"),
        (forward("h/in"), "has to begin with https://"),
        (forward("https://"), "has to begin with https://"),
        (ActionDraft(type="PULL", forward_url="https://h"), "has no forwardUrl"),
    ],
)
def test_an_action_that_cannot_be_created(draft: ActionDraft, problem: str) -> None:
    """What the platform is known to refuse is found before anything is sent."""
    found = creation_problem(WantedAction(draft))

    assert problem in found
    assert bool(found) is bool(problem)
