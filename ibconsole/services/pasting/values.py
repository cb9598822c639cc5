"""The values of what was pasted: what it is, its parts, and what may be offered.

A credential is a `Secret` apart from all other parts, and no sentence repeats one.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from ibconsole.secret import Secret
from ibconsole.services.request_log import redact_url


class PastedKind(StrEnum):
    """The kinds of what is recognized."""

    NOTHING = "nothing"
    TOO_LARGE = "too large"
    REQUEST = "request"  # a cURL command, or HTTP as text
    HEADERS = "headers"
    LISTENER_URL = "listener's URL"
    PLATFORM_URL = "platform's URL"
    FORWARD_URL = "URL"
    LINK = "link of ibconsole"
    ENVELOPE = "messages"
    MESSAGE = "message"
    SETUP_FILE = "setup file"
    HTTP_ARCHIVE = "HTTP archive"
    JSON = "JSON"
    CODE = "application code"
    MASKED_CODE = "masked application code"
    KEY_OR_CODE = "API key or application code"
    CREDENTIAL = "credential"
    MESSAGE_ID = "message ID"
    TEXT = "text"


class PasteOffer(StrEnum):
    """Places that may be opened with it: something is filled in there, and nothing is done."""

    TEST_URL = "test the URL"
    USE_AS_PAYLOAD = "use it as the payload of a forward test"
    FIND_MESSAGES = "find messages"
    SHOW_APPLICATION = "show the application"
    COMPARE_SETUP = "compare the setup file"
    IMPORT = "import messages"
    FOLLOW_LINK = "follow the link"
    FILL_CONNECTION = "fill in a connection"


class PastedRequest(msgspec.Struct, frozen=True):
    """A request as it was written; nothing of it was sent.

    `secret` is the credential that it carries, for the form of a connection alone, with its
    `scheme` in the Authorization header and a user name as `identity`. It is in none of the other
    parts: neither are cookies, and keys by their names; `remarks` are sentences about that.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    secret: Secret | None = None
    scheme: str = ""
    identity: str = ""
    remarks: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"PastedRequest({self.method} {redact_url(self.url)})"


class Pasted(msgspec.Struct, frozen=True):
    """The outcome of a recognition. `sentence` says it to the user, without a secret in it.

    `text` is the value itself (a code, an ID, a URL, JSON), empty for a credential; `base_url`,
    `code` and `message_id`, that of the first message, are parts of it. The first of `offers` is
    what most people want.
    """

    kind: PastedKind
    sentence: str
    offers: tuple[PasteOffer, ...] = ()
    text: str = ""
    request: PastedRequest | None = None
    base_url: str = ""
    code: str = ""
    message_id: str = ""
    secret: Secret | None = None

    def __repr__(self) -> str:
        return f"Pasted({self.kind})"


class PasteContext(msgspec.Struct, frozen=True):
    """Paths, accounts and applications of the console, to tell them from others.

    `applications` are the names by the codes of applications, empty ones included.
    """

    listener_paths: frozenset[str] = frozenset()
    base_urls: frozenset[str] = frozenset()
    applications: Mapping[str, str] = msgspec.field(default_factory=dict)
