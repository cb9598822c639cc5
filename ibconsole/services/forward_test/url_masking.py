"""Masking of the secrets in a forward URL: a log-in, and values of the query."""

import re
from urllib.parse import parse_qsl, urlsplit

from ibconsole.secret import MASK
from ibconsole.services.forward_test.records import masked_url

_SECRET_NAME = re.compile(
    r"(?:^|[_.-])(?:token|secret|password|passwd|pwd|api[_-]?key|apikey|key|auth|signature|sig"
    r"|access[_-]?token|credential|jwt|bearer)$",
    re.IGNORECASE,
)


def secret_names(query: str) -> list[str]:
    """Return the names of a query's parameters that are likely to be secrets and have a value."""
    return [name for name, value in parse_qsl(query) if value and _SECRET_NAME.search(name)]


def shown_url(url: str) -> str:
    """Mask the log-in in a URL and the secrets in its query; a URL that is not valid stays."""
    masked = masked_url(url)
    try:
        parts = urlsplit(masked)
    except ValueError:
        return masked
    if not secret_names(parts.query):
        return masked
    pieces = [
        f"{piece.partition('=')[0]}={MASK}" if secret_names(piece) else piece
        for piece in parts.query.split("&")
    ]
    return parts._replace(query="&".join(pieces)).geturl()


def cut_url(url: str) -> str:
    """Leave out the path after its first part, the query and the log-in of a URL.

    The path alone may keep unknown senders out (platform.md §5). Of a URL that is not valid only
    the beginning is left.
    """
    try:
        parts = urlsplit(masked_url(url))
    except ValueError:
        return f"{url[:16]}…"
    first, _, rest = parts.path.lstrip("/").partition("/")
    path = parts.path
    if path.strip("/") or parts.query:
        path = f"/{first}/…" if rest else "/…"
    return parts._replace(path=path, query="", fragment="").geturl()
