"""The request that would be sent, as text that may be shown before anything is."""

from urllib.parse import quote, urlsplit

from ibconsole import __version__
from ibconsole.api import ACCEPTED, new_action_request
from ibconsole.model import ActionDraft
from ibconsole.secret import MASK


def preview_new_action(
    base_url: str, code: str, configuration: str, draft: ActionDraft, *, shown_code: str
) -> tuple[str, str]:
    """The head and the body that create an action.

    `shown_code` stands for the application's code, which is a credential (platform.md §3);
    that of the account is masked, whatever its kind. Raises Unnamed as sending would.
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
