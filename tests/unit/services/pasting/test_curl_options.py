"""A cURL command as a request: what would be sent, without sending it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.secret import Secret
from ibconsole.services.pasting.curl_options import is_curl, read_curl
from ibconsole.services.pasting.values import PastedRequest
from ibconsole.services.request_log import Entry, curl_command

FORM = ("Content-Type", "application/x-www-form-urlencoded")
JSON = ("Content-Type", "application/json")


def read(text: str) -> PastedRequest:
    found = read_curl(text)
    assert found
    return found


@pytest.mark.parametrize(
    ("text", "method", "url", "headers", "body"),
    [
        ("curl x.example", "GET", "http://x.example", (), b""),
        ("$ curl -sSL -XPUT https://x.example", "PUT", "https://x.example", (), b""),
        ("curl.exe --url=https://x -I", "HEAD", "https://x", (), b""),
        ("curl https://x -d a=1 -d b=2", "POST", "https://x", (FORM,), b"a=1&b=2"),
        ("curl -G https://x?z=0 -d a=1", "GET", "https://x?z=0&a=1", (), b""),
        ("curl https://x --json '{}'", "POST", "https://x", (JSON,), b"{}"),
        ("curl https://x -H'content-type: a/b' -d '@'", "POST", "https://x", None, b""),
        ("curl https://x --data-urlencode 'a=b c'", "POST", "https://x", (FORM,), b"a=b+c"),
        ("curl https://x --data-urlencode ü", "POST", "https://x", (FORM,), b"%C3%BC"),
        ("curl https://x --data-raw '@x'", "POST", "https://x", (FORM,), b"@x"),
        ("curl -A me -e you https://x", "GET", "https://x", None, b""),
        ("curl --max-time 5 --compressed -k -H 'no;' https://x", "GET", "https://x", None, b""),
        (
            'curl ^"https://x/?a=1^&b=2^" ^\r\n -H ^"A: b^"',
            "GET",
            "https://x/?a=1&b=2",
            (("A", "b"),),
            b"",
        ),
    ],
)  # fmt: skip
def test_commands(
    text: str, method: str, url: str, headers: tuple[tuple[str, str], ...] | None, body: bytes
) -> None:
    """Options in every spelling give the request that curl would send."""
    found = read(text)

    assert is_curl(text)
    assert (found.method, found.url, found.body) == (method, url, body)
    assert headers is None or found.headers == headers


def test_credentials_and_files() -> None:
    """A credential is apart, files are not opened, and both is said."""
    found = read(
        "curl https://x https://y -u me:s3cret -b a=b -d @/etc/passwd -F f=@/etc/passwd"
        " --oauth2-bearer t0ken"
    )

    assert found.secret == Secret("t0ken")
    assert (found.url, found.body, found.identity) == ("https://x", b"", "me")
    assert found.remarks == (
        "The command has several URLs; only the first one is read.",
        "Its body is in a file, which is not read.",
        "--form is not read: no file is opened.",
        "Left out, because they carry credentials: Cookie.",
    )
    assert "s3cret" not in repr(found)


def test_what_is_no_command() -> None:
    """Another command, and one without a URL, is no request."""
    assert not is_curl("curly hair")
    assert not is_curl("wget https://x")
    assert read_curl("curl -v") is None


def test_our_own_commands_come_back() -> None:
    """What this program copies as cURL is the request that it was, without its secret."""
    entry = Entry(
        started_at=1,
        method="POST",
        url="https://x.example/push/1/in'x",
        request_headers=(("Authorization", "App ••••"), JSON),
        request_body='{"text":"ü\\n\'"}'.encode(),
    )

    found = read(curl_command(entry))

    assert (found.method, found.url, found.body) == (entry.method, entry.url, entry.request_body)
    assert (JSON in found.headers, found.secret) == (True, None)


@given(
    st.text(), st.lists(st.sampled_from(["-H", "-d", "-X", "-u", "--", "-", "'", '"', "@x", "$'"]))
)
def test_any_command(text: str, options: list[str]) -> None:
    """Any command is read, or is none."""
    read_curl(f"curl {' '.join(options)} {text}")
