"""The preview of a request: its text, shown before it is sent."""

from urllib.parse import quote, urlsplit

from ibconsole import __version__
from ibconsole.api import ACCEPTED, new_action_request
from ibconsole.model import ActionDraft
from ibconsole.secret import MASK


def preview_new_action(
    base_url: str, code: str, configuration: str, draft: ActionDraft, *, shown_code: str
) -> tuple[str, str]:
    """Return the head and the body of the request that creates an action.

    `shown_code` replaces the application's code, which is a credential (platform.md §3). The
    account's credential is masked. Raises UnusableKey, as sending does.
    """
    method, path, body = new_action_request(code, configuration, draft)
    path = path.replace(quote(code, safe=""), shown_code)
    head = (
        f"{method} {path} HTTP/1.1",
        f"Host: {urlsplit(base_url).netloc}",
        "Accept: application/json",
        f"Accept-Encoding: {ACCEPTED}",
        f"User-Agent: ibconsole/{__version__}",
        f"Authorization: {MASK}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    return "\n".join(head), body.decode()
