"""A request as a curl command, as a shell interprets it."""

import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.request_log.curl import curl_command, shell_quoted
from ibconsole.services.request_log.log import Entry

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a"
APPLICATIONS = "https://x.io/push/1/applications"


def entry(**changes: object) -> Entry:
    values = {"started_at": 1, "method": "GET", "url": APPLICATIONS, "status": 200}
    return Entry(**{**values, **changes})  # type: ignore[arg-type]


def run(command: str, **environment: str) -> list[str]:
    """Return the arguments that a shell would pass to curl."""
    script = f"curl() {{ printf '%s\\0' \"$@\"; }}\n{command}\n"
    done = subprocess.run(
        ["/bin/sh"],
        input=script.encode(),
        env=environment,
        capture_output=True,
        check=True,
        timeout=20,
    )
    assert done.stderr == b""
    return done.stdout.decode().split("\0")[:-1]


def test_plain_request() -> None:
    """The command has the method, headers and URL of the request."""
    command = curl_command(
        entry(request_headers=(("Accept", "application/json"), ("Host", "x.io")))
    )

    assert command == (
        "curl -X GET \\\n  -H 'Accept: application/json' \\\n  https://x.io/push/1/applications"
    )


def test_credential_is_a_variable() -> None:
    """The command has a variable instead of the credential, and no mask."""
    command = curl_command(entry(request_headers=(("Authorization", "App ••••"),)))

    assert "•" not in command
    assert command.startswith("# Set IBCONSOLE_AUTHORIZATION to the value of Authorization first: ")
    assert run(command, IBCONSOLE_AUTHORIZATION="App it's $HOME") == [
        *("-X", "GET", "-H", "Authorization: App it's $HOME", APPLICATIONS)
    ]


def test_codes_are_variables() -> None:
    """Application codes are variables in path and body, unless they are to be shown."""
    body = f'{{"applicationCode":"{CODE}","to":"{CODE}"}}'.encode()
    request = entry(
        method="POST",
        url=f"{APPLICATIONS}/{CODE}/configurations",
        request_body=body,
        request_size=len(body),
    )

    hidden, shown = curl_command(request), curl_command(request, codes=True)

    assert CODE not in hidden
    assert "the application code 2336…el4a first" in hidden
    assert run(hidden, IBCONSOLE_APPLICATION=CODE) == run(shown)
    assert run(shown)[-2:] == [body.decode(), f"{APPLICATIONS}/{CODE}/configurations"]


def test_two_codes_are_two_variables() -> None:
    """Each application code has a variable of its own."""
    body = b'[{"applicationCode":"one"},{"applicationCode":"two"}]'
    request = entry(method="POST", request_body=body, request_size=len(body))

    arguments = run(
        curl_command(request), IBCONSOLE_APPLICATION="one", IBCONSOLE_APPLICATION_2="two"
    )

    assert body.decode() in arguments


@pytest.mark.parametrize("codes", [True, False])
def test_pull_is_commented_out(codes: bool) -> None:
    """Every line of a pull's command is a comment, and the first ones say why."""
    command = curl_command(
        entry(
            url="https://x.io/push/1/inbox/reports?limit=5",
            request_headers=(("Authorization", "App ••••"), ("X", "'\nrm -r x")),
        ),
        codes=codes,
    )

    assert command.startswith("# This is a pull. Running it takes messages")
    assert all(line.startswith("# ") for line in command.splitlines())
    assert run(command) == []


def test_body_is_unchanged() -> None:
    """A body is sent byte for byte, including quotes and line breaks."""
    body = '{"forwardUrl":"https://x.io/it\'s?a=1&b=$HOME`id`\\\\",\n"x":"€"}'
    request = entry(
        method="POST",
        request_headers=(("Content-Type", "application/json"), ("Content-Length", "9")),
        request_body=body.encode(),
        request_size=len(body.encode()),
    )

    assert run(curl_command(request)) == [
        *("-X", "POST", "-H", "Content-Type: application/json"),
        *("--data-binary", body, APPLICATIONS),
    ]


def test_empty_post() -> None:
    """An empty body is sent with a length of 0 and without a content type."""
    assert run(curl_command(entry(method="POST"))) == [
        *("-X", "POST", "-H", "Content-Type:", "--data-binary", "", APPLICATIONS)
    ]


@pytest.mark.parametrize(
    ("body", "size"), [(b"\xff\xfe", 2), (b"a\0b", 3), (b"cut", 70_000), (b"x" * 100_001, 100_001)]
)
def test_body_from_a_file(body: bytes, size: int) -> None:
    """A binary, incomplete or long body is read from a file that the user must create."""
    command = curl_command(entry(method="POST", request_body=body, request_size=size))

    assert f"# Put the body of {size:,} bytes into body.bin first." in command
    assert "@body.bin" in run(command)


def test_body_beginning_with_at() -> None:
    """A body that begins with @ is sent and not taken for a file name."""
    command = curl_command(entry(method="POST", request_body=b"@/etc/passwd", request_size=12))

    assert "--data-raw" in run(command)


def test_masked_secret_is_a_variable() -> None:
    """A masked secret in a URL or a body is a variable."""
    command = curl_command(
        entry(url="https://x.io/a?key=••••", request_body=b"client_secret=" + "••••".encode())
    )

    assert "•" not in command
    assert "# Set IBCONSOLE_SECRET " in command
    arguments = run(command, IBCONSOLE_SECRET="a b")  # noqa: S106 it is none
    assert arguments[-1] == "https://x.io/a?key=a b"


def test_curl_changes_nothing() -> None:
    """Brackets and dots in a URL, compression and an empty header are sent unchanged."""
    command = curl_command(
        entry(
            url="https://x.io/a/../{b}",
            request_headers=(("Accept-Encoding", "gzip, deflate"), ("X-Empty", "")),
        )
    )

    assert run(command) == [
        *("-X", "GET", "--globoff", "--path-as-is", "--compressed", "-H", "X-Empty;"),
        "https://x.io/a/../{b}",
    ]


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_quoting(text: str) -> None:
    """Any quoted text is one word of a shell, equal to the text."""
    assert shlex.split(shell_quoted(text)) == [text]
