"""A request as a curl command for a POSIX shell, without its secrets.

Every masked secret becomes a variable of the shell, so that the command works for those who
have the credential; the mask itself would be sent as if it were one.
"""

import re
from collections.abc import Mapping

from ibconsole.secret import MASK
from ibconsole.services.request_log.log import Entry
from ibconsole.services.request_log.redaction import find_codes, is_secret_header, mask_codes
from ibconsole.text import mask_code

_AUTHORIZATION = "IBCONSOLE_AUTHORIZATION"
_SECRET = "IBCONSOLE_SECRET"  # noqa: S105 a name
_CODE = "IBCONSOLE_APPLICATION"

# An argument of a shell cannot contain NUL, so nothing else in a command looks like this.
_VARIABLE = re.compile(r"\0(\w+)\0")
_MASKED = re.compile(f"{MASK[0]}{{{len(MASK)},}}")
# Headers that curl sends by itself, or that belong to the original connection.
_LEFT_OUT = {"host", "content-length", "transfer-encoding"}
_WITH_BODY = {"POST", "PUT", "PATCH"}
# The limit of Linux is 128 KiB for one argument.
_LONGEST_BODY = 100_000
_SPECIAL = re.compile(r"[][{}]")
_DOTS = re.compile(r"/\.\.?(?:[/?]|$)")

_PULL_WARNING = (
    "This is a pull. Running it takes messages from the platform, for everybody: each is handed"
    " out once.\nIt is commented out on purpose."
)


def curl_command(entry: Entry, *, codes: bool = False) -> str:
    """Return the command, without a newline at the end; `codes` leaves codes unmasked.

    A pull is commented out line by line, so that it does nothing if pasted by accident.
    """
    names = {} if codes else _names(entry)
    lines = _arguments(entry, names)
    command = " \\\n  ".join(lines)
    notes = _notes(entry, names, command)
    if entry.is_pull:
        return _commented("\n".join((_PULL_WARNING, *notes, command)))
    return "\n".join((*map(_commented, notes), command))


def shell_quoted(text: str) -> str:
    """Quote a text as one word of a POSIX shell; `\\0NAME\\0` in it becomes a variable."""
    parts = _VARIABLE.split(text)
    words = [
        f'"${{{part}}}"' if index % 2 else _single(part) for index, part in enumerate(parts) if part
    ]
    return "".join(words) or "''"


def _arguments(entry: Entry, names: Mapping[str, str]) -> list[str]:
    method = entry.method.upper()
    arguments = [f"curl -X {shell_quoted(method)}"]
    if _SPECIAL.search(entry.url):
        arguments.append("--globoff")
    if _DOTS.search(entry.path):
        arguments.append("--path-as-is")
    present = {name.lower() for name, _ in entry.request_headers}
    arguments += [
        _header(name, value, names)
        for name, value in entry.request_headers
        if name.lower() not in _LEFT_OUT
    ]
    body = _body(entry, names) if entry.request_size or method in _WITH_BODY else ""
    if body and "content-type" not in present:
        arguments.append("-H 'Content-Type:'")  # otherwise curl adds one
    return [*arguments, *filter(None, (body,)), shell_quoted(_variables(entry.url, names))]


def _header(name: str, value: str, names: Mapping[str, str]) -> str:
    if name.lower() == "accept-encoding" and value.lower() != "identity":
        return "--compressed"
    if is_secret_header(name):
        line = f"{name}: \0{_variable_of(name)}\0"
    elif value:
        line = f"{name}: {_variables(value, names)}"
    else:
        line = f"{name};"
    return f"-H {shell_quoted(line)}"


def _body(entry: Entry, names: Mapping[str, str]) -> str:
    text = _text_of(entry)
    if text is None:
        return "--data-binary @body.bin"
    # `--data-binary @…` would read a file.
    option = "--data-raw" if text.startswith("@") else "--data-binary"
    return f"{option} {shell_quoted(_variables(text, names))}"


def _text_of(entry: Entry) -> str | None:
    """Return the body as text; None if it is incomplete, binary or too long for an argument."""
    if len(entry.request_body) < entry.request_size or entry.request_size > _LONGEST_BODY:
        return None
    try:
        text = entry.request_body.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _notes(entry: Entry, names: Mapping[str, str], command: str) -> list[str]:
    notes = [
        f"Set {variable} to the application code {mask_code(code)} first."
        for code, variable in names.items()
        if f"${{{variable}}}" in command
    ]
    for name, value in entry.request_headers:
        if is_secret_header(name):
            example = value.replace(MASK, "…")
            notes.append(f"Set {_variable_of(name)} to the value of {name} first: {example}")
    if f"${{{_SECRET}}}" in command:
        notes.append(f"Set {_SECRET} to the secret that is left out first.")
    if "@body.bin" in command:
        notes.append(f"Put the body of {entry.request_size:,} bytes into body.bin first.")
    return notes


def _names(entry: Entry) -> dict[str, str]:
    """Return a variable for each code; one that is also percent-encoded has two."""
    body = entry.request_body.decode(errors="replace")
    found = find_codes(entry.url, body)
    return {
        code: f"{_CODE}_{number}" if number > 1 else _CODE
        for number, code in enumerate(found, start=1)
    }


def _variables(text: str, names: Mapping[str, str]) -> str:
    def variable(code: str) -> str:
        return f"\0{names[code]}\0" if code in names else code

    if names:
        text = mask_codes(text, names, variable)
    return _MASKED.sub(f"\0{_SECRET}\0", text)


def _variable_of(header: str) -> str:
    if header.lower() == "authorization":
        return _AUTHORIZATION
    return f"IBCONSOLE_{re.sub(r'[^A-Z0-9]', '_', header.upper())}"


def _single(text: str) -> str:
    # Without quotes if no character is special to a shell.
    if re.fullmatch(r"[\w@%+=:,./-]+", text, re.ASCII):
        return text
    return "'" + text.replace("'", "'\\''") + "'"


def _commented(text: str) -> str:
    return "\n".join(f"# {line}" for line in text.split("\n"))
