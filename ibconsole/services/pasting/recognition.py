"""Recognition of pasted text. Pure: nothing is sent, opened or run, whatever the text says."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

from ibconsole.api import clean_api_key
from ibconsole.errors import UserError
from ibconsole.listener import canonical_path
from ibconsole.model import MessageFields, Undecodable, parse, read_batch
from ibconsole.pasted import clean_pasted, clean_value
from ibconsole.plural import counted
from ibconsole.secret import Secret
from ibconsole.services.links import is_link, parse_link
from ibconsole.services.pasting.curl_options import is_curl, read_curl
from ibconsole.services.pasting.http_texts import is_answer, read_http
from ibconsole.services.pasting.values import (
    PasteContext,
    Pasted,
    PastedKind,
    PastedRequest,
    PasteOffer,
)
from ibconsole.services.request_log import redact_url
from ibconsole.text import mask_code

LONGEST = 8 << 20  # characters
_LONGEST_COMMAND = 2 << 20
_LONGEST_LINE = 8_192

_URL = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)
# The form of an API key, which is that of many application codes as well.
_KEY = re.compile(r"[0-9a-f]{32}-[0-9a-z]{8}(?:-[0-9a-z]{4}){3}-[0-9a-z]{12}", re.IGNORECASE)
_CODE = re.compile(r"[0-9a-f]{32}-[0-9a-z]{8}(?:-[0-9a-z-]{1,27})?", re.IGNORECASE)
_MASKED = re.compile(r"([0-9a-z]{4})(?:…|\.\.\.)([0-9a-z]{4})", re.IGNORECASE)
_NUMBER = re.compile(r"\d{15,25}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CREDENTIAL = re.compile(
    r"""(?:-H\s*)?["']?(?:(?:proxy-)?authorization["']?\s*[:=]\s*["']?)?"""
    r"(?:App|Bearer|Basic|IBSSO)\s+[^\s\"']{8,}[\"']?",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"""["']?[a-z_. -]{0,40}(?:api[ _-]?key|token|secret|password)["']?\s*[:=]\s*\S{8,}""",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")  # a JSON web token
_SETUP = re.compile(r"(?m)^(?:version:[ \t]*[\"']?1[\"']?[ \t]*|applications:.*)$")
_CODE_IN_PATH = re.compile(r"/push/\d/applications/([^/?#\s]+)")
_PULL = re.compile(r"/push/\d/inbox/reports/?(?:[?#]|$)")
_PLATFORM_HOST = re.compile(r"(?:[\w-]+\.)*api(?:-[\w-]+)?\.infobip\.com", re.IGNORECASE)

_PULL_SENTENCE = (
    "This is the pull, which takes messages for ever. It is not run from here: use the command that"
    " stores every byte first."
)


def recognize(text: str, context: PasteContext | None = None) -> Pasted:
    """Return what a text is. Never raises, and takes time in proportion to its length."""
    if len(text) > LONGEST:
        return Pasted(
            PastedKind.TOO_LARGE,
            f"The text is longer than {LONGEST >> 20} million characters: import it as a file.",
        )
    if not (cleaned := clean_pasted(text)):
        return Pasted(PastedKind.NOTHING, "The clipboard holds no text.")
    known = context or PasteContext()
    readers: Sequence[Callable[[str], Pasted | None]] = (
        partial(_command, known=known),
        _json,
        partial(_line, known=known),
        partial(_http, known=known),
        _setup_file,
    )
    for read in readers:
        if found := read(cleaned):
            return found
    return Pasted(
        PastedKind.TEXT,
        "This is a text: messages that contain it can be found.",
        (PasteOffer.FIND_MESSAGES,) if len(cleaned) <= _LONGEST_LINE else (),
        cleaned if len(cleaned) <= _LONGEST_LINE else "",
    )


def _command(text: str, known: PasteContext) -> Pasted | None:
    if len(text) > _LONGEST_COMMAND or not is_curl(text):
        return None
    request = read_curl(text)
    return _of_request(request, "a cURL command", known) if request else None


def _http(text: str, known: PasteContext) -> Pasted | None:
    if is_answer(text):
        _, _, body = text.replace("\r\n", "\n").partition("\n\n")
        return _json(body.strip())
    request = read_http(text) if len(text) <= LONGEST else None
    if request is None:
        return None
    if request.url:
        return _of_request(request, "a request as HTTP", known)
    offers = (PasteOffer.FILL_CONNECTION,) if request.secret else ()
    sentence = f"These are {counted(len(request.headers), 'header')} of a request."
    return Pasted(
        PastedKind.HEADERS,
        " ".join((sentence, *request.remarks)),
        offers,
        request=request,
        secret=request.secret,
    )


def _of_request(request: PastedRequest, name: str, known: PasteContext) -> Pasted:
    """Describe a request by where it goes, and by what it carries."""
    about = _of_url(request.url, known)
    sentences = [f"This is {name}: {request.method} {redact_url(_without_codes(request.url))}."]
    offers: list[PasteOffer] = []
    if about.kind is PastedKind.PLATFORM_URL:
        offers += about.offers
        if request.secret and PasteOffer.FILL_CONNECTION not in offers:
            offers.append(PasteOffer.FILL_CONNECTION)
        if _PULL.search(request.url):
            sentences.append(_PULL_SENTENCE)
    elif request.method in {"POST", "GET"}:
        offers.append(PasteOffer.TEST_URL)
    messages = _messages(request.body)
    if messages:
        offers += [PasteOffer.USE_AS_PAYLOAD, PasteOffer.FIND_MESSAGES]
    if request.secret:
        sentences.append("Its credential is left out: it belongs into the form of a connection.")
    return Pasted(
        PastedKind.REQUEST,
        " ".join((*sentences, *request.remarks)),
        tuple(dict.fromkeys(offers)),
        request=request,
        base_url=about.base_url,
        code=about.code,
        message_id=messages[0].message_id if messages else "",
        secret=request.secret,
    )


def _line(text: str, known: PasteContext) -> Pasted | None:
    if "\n" in text or len(text) > _LONGEST_LINE:
        return None
    value = clean_value(text)
    readers: Sequence[Callable[[str], Pasted | None]] = (
        _link,
        partial(_url, known=known),
        partial(_code, known=known),
        _credential,
        _identifier,
    )
    return next((found for read in readers if (found := read(value or text))), None)


def _link(text: str) -> Pasted | None:
    if not is_link(text):
        return None
    try:
        parse_link(text)
    except UserError as error:
        return Pasted(PastedKind.LINK, str(error))
    sentence = "This is a link to something that a window shows. It is shown; nothing is changed."
    return Pasted(PastedKind.LINK, sentence, (PasteOffer.FOLLOW_LINK,), text)


def _url(text: str, known: PasteContext) -> Pasted | None:
    return _of_url(text, known) if _URL.fullmatch(text) else None


def _of_url(url: str, known: PasteContext) -> Pasted:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return Pasted(PastedKind.TEXT, "This URL cannot be read.", (), url)
    base = f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2]}"
    code = _CODE_IN_PATH.search(parts.path)
    if canonical_path(parts.path) in set(map(canonical_path, known.listener_paths)):
        return Pasted(
            PastedKind.LISTENER_URL,
            "This is a forward URL of this computer's listener.",
            (PasteOffer.TEST_URL,),
            url,
        )
    if base in known.base_urls or _PLATFORM_HOST.fullmatch(host) or parts.path.startswith("/push/"):
        is_new = base not in known.base_urls
        application = unquote(code[1]) if code else ""
        offers = [PasteOffer.SHOW_APPLICATION] if application in known.applications else []
        offers += [PasteOffer.FIND_MESSAGES] if application else []
        offers += [PasteOffer.FILL_CONNECTION] if is_new else []
        pull = f" {_PULL_SENTENCE}" if _PULL.search(parts.path) else ""
        return Pasted(
            PastedKind.PLATFORM_URL,
            f"This is a URL of the platform, with the base URL {base}.{pull}",
            tuple(offers),
            url,
            base_url=base,
            code=application,
        )
    return Pasted(
        PastedKind.FORWARD_URL,
        "This is a URL: it can be tested as a forward URL.",
        (PasteOffer.TEST_URL,),
        url,
    )


def _code(text: str, known: PasteContext) -> Pasted | None:
    if text in known.applications:
        name = known.applications[text] or mask_code(text)
        return Pasted(
            PastedKind.CODE,
            f"This is the code of the application {name}.",
            (PasteOffer.SHOW_APPLICATION, PasteOffer.FIND_MESSAGES),
            text,
            code=text,
        )
    if masked := _MASKED.fullmatch(text):
        mask = f"{masked[1]}…{masked[2]}"
        found = [code for code in known.applications if mask_code(code) == mask]
        return Pasted(
            PastedKind.MASKED_CODE,
            f"This is a masked application code; {counted(len(found), 'application')} here"
            f" {'has' if len(found) == 1 else 'have'} it.",
            (PasteOffer.SHOW_APPLICATION, PasteOffer.FIND_MESSAGES) if len(found) == 1 else (),
            mask,
            code=found[0] if len(found) == 1 else "",
        )
    if _KEY.fullmatch(text):
        # Which one it is does not show: it is taken for the one that must not be shown.
        return Pasted(
            PastedKind.KEY_OR_CODE,
            f"This is an API key, or the code of an unknown application ({mask_code(text)}).",
            (PasteOffer.FILL_CONNECTION,),
            secret=Secret(text),
        )
    if _CODE.fullmatch(text):
        return Pasted(
            PastedKind.CODE,
            f"This looks like the code of an application that is not known here ({mask_code(text)}"
            ").",
            (PasteOffer.FIND_MESSAGES,),
            text,
            code=text,
        )
    return None


def _credential(text: str) -> Pasted | None:
    if not any(one.fullmatch(text) for one in (_CREDENTIAL, _CAPTION, _TOKEN)):
        return None
    try:
        secret = Secret(clean_api_key(Secret(text)))
    except UserError:  # another kind of credential
        secret = Secret(text)
    return Pasted(
        PastedKind.CREDENTIAL,
        "This is a credential. It is neither shown nor searched for; it belongs into the form of a"
        " connection.",
        (PasteOffer.FILL_CONNECTION,),
        secret=secret,
    )


def _identifier(text: str) -> Pasted | None:
    if _NUMBER.fullmatch(text):
        sentence = "This looks like the ID of a message."
    elif _UUID.fullmatch(text):
        sentence = "This looks like the ID of a message or of an app's installation."
    else:
        return None
    offers = (PasteOffer.FIND_MESSAGES,)
    return Pasted(PastedKind.MESSAGE_ID, sentence, offers, text, message_id=text)


def _json(text: str) -> Pasted | None:
    if not text.startswith(("{", "[")):
        return None
    data = text.encode("utf-8", "replace")
    try:
        value = parse(data)
    except Undecodable:
        return None
    if _is_har(value):
        return Pasted(
            PastedKind.HTTP_ARCHIVE,
            "This is an HTTP archive (HAR): save it as a file, and import the messages in it.",
        )
    if (
        isinstance(value, dict)
        and isinstance(value.get("applications"), list)
        and "version" in value
    ):
        return _setup(text)
    if messages := _messages(data):
        return _of_messages(text, messages, is_envelope="results" in value)
    return Pasted(
        PastedKind.JSON,
        "This is JSON, but no message: it can be the payload of a forward test.",
        (PasteOffer.USE_AS_PAYLOAD,),
        text,
    )


def _setup_file(text: str) -> Pasted | None:
    found = {line.partition(":")[0] for line in _SETUP.findall(text)}
    return _setup(text) if found == {"version", "applications"} else None


def _setup(text: str) -> Pasted:
    return Pasted(
        PastedKind.SETUP_FILE,
        "This is a setup file: it can be compared with the account. Nothing is changed by that.",
        (PasteOffer.COMPARE_SETUP,),
        text,
    )


def _is_har(value: Any) -> bool:
    log = value.get("log") if isinstance(value, dict) else None
    return isinstance(log, dict) and isinstance(log.get("entries"), list)


def _of_messages(text: str, messages: Sequence[MessageFields], *, is_envelope: bool) -> Pasted:
    count, codes = len(messages), {one.application_code for one in messages}
    about = "This is 1 message as the platform sends it."
    return Pasted(
        PastedKind.ENVELOPE if is_envelope else PastedKind.MESSAGE,
        about if count == 1 else f"These are {count:,} messages as the platform sends them.",
        (PasteOffer.USE_AS_PAYLOAD, PasteOffer.FIND_MESSAGES),
        text,
        code=codes.pop() if len(codes) == 1 else "",
        message_id=messages[0].message_id,
    )


def _messages(data: bytes) -> Sequence[MessageFields]:
    """Return the messages of the platform that these bytes are; none if they are anything else."""
    try:
        messages = read_batch(data).messages
    except Undecodable:
        return ()
    return messages if all(one.known and one.message_id for one in messages) else ()


def _without_codes(url: str) -> str:
    return _CODE_IN_PATH.sub(lambda found: found[0].replace(found[1], mask_code(found[1])), url)
