"""Equivalent spellings of a path are that path, and no other spelling is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.http1.message import Request
from ibconsole.listener.path_spelling import MAX_PATH, PathTable, canonical_path

PATH = "/inbound/aZ09-_.~x"


def path_of(target: str) -> str:
    return Request("POST", target, "1.1", (), b"", "", b"").path


@pytest.mark.parametrize(
    "target",
    [
        PATH,
        f"{PATH}/",
        f"{PATH}//",
        f"/{PATH}",
        f"///{PATH}",
        "/inbound//aZ09-_.~x",
        "/inbound/aZ09%2D_.~x",
        "/inbound/aZ09%2d%5F%2e%7ex",
        "/%69nbound/%61%5a09-_.~x",
        "/%69%6E%62%6f%75%6e%64/aZ09-_.~x",
        f"/.{PATH}",
        f"/./.{PATH}",
        f"/other/..{PATH}",
        f"/other/%2e%2E{PATH}",
        f"/..{PATH}",
        "/inbound/./aZ09-_.~x",
        f"{PATH}/.",
        f"{PATH}/other/..",
        f"{PATH}?a=b",
        f"{PATH}/?a=/b",
        f"{PATH}#part",
        f"{PATH}?a#part",
        f"{PATH}/#/other",
        f"http://example.com{PATH}",
        f"HTTPS://user@[::1]:8484{PATH}/?x",
        f"http://example.com/{PATH}/#part",
    ],
)
def test_equivalent_spellings(target: str) -> None:
    """A path is found by every spelling that senders and proxies make of it."""
    assert PathTable({PATH: 1}).find(path_of(target)) == 1


@pytest.mark.parametrize(
    "target",
    [
        "",
        "*",
        "/",
        "/inbound",
        "/inbound/",
        PATH.upper(),
        PATH.lower(),
        f"{PATH}x",
        f"{PATH}/x",
        f"{PATH}%2F",
        f"{PATH}%20",
        f"{PATH};x",
        f"{PATH}%3Fa",
        f"{PATH}%23a",
        "/inbound%2FaZ09-_.~x",
        "/inbound/aZ09%252D_.~x",
        "/inbound/aZ09%2_.~x",
        f"{PATH}/..",
        "/inbound\\aZ09-_.~x",
        PATH.removeprefix("/"),
        f"http://example.com#{PATH}",
        f"http://example.com?{PATH}",
        f"http:{PATH}",
        f"{PATH}{'/' * MAX_PATH}",
    ],
)
def test_other_paths(target: str) -> None:
    """Whatever may name another resource is not the path."""
    assert PathTable({PATH: 1}).find(path_of(target)) is None


@pytest.mark.parametrize(
    ("path", "spelling"),
    [
        ("/", "//"),
        ("/a%2Fb", "/a%2fb/"),
        ("/a:b@c", "/a%3Ab%40c"),
        ("/a/", "/a"),
        ("/a%C3%A9", "/a%c3%a9"),
    ],
)
def test_paths_of_users(path: str, spelling: str) -> None:
    """A path that a user has chosen may itself be an unusual spelling."""
    assert PathTable({path: 1}).find(spelling) == 1
    assert PathTable({path: 1}).find(path) == 1


def test_two_equivalent_paths_stay_apart() -> None:
    """Of two owners with equivalent paths each has its exact one only."""
    table = PathTable({"/a": 1, "/a/": 2, "/b": 3, "/b/": 3})

    assert [table.find(path) for path in ("/a", "/a/", "//a")] == [1, 2, None]
    assert table.find("//b") == 3


@given(st.text(st.characters(max_codepoint=255), max_size=80).map(lambda text: f"/{text}"))
def test_the_canonical_spelling_is_its_own(path: str) -> None:
    """A canonical spelling is not changed again, so that nothing is unescaped twice."""
    spelling = canonical_path(path)

    assert canonical_path(spelling) in {spelling, spelling.removesuffix("/") or "/"}


def test_long_paths_are_compared_as_they_are() -> None:
    """Work per request is bounded: no spelling of a path is longer than MAX_PATH."""
    long = f"/{'a' * MAX_PATH}"

    assert PathTable({long: 1}).find(long) == 1
    assert PathTable({long: 1}).find(f"{long}/") is None
    assert canonical_path("/.." * (MAX_PATH // 3)) == "/"
