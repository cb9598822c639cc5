"""The kind of an answer's body: an endpoint's own words, or the page of something before it."""

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from enum import StrEnum

_READ = 65_536  # bytes that are looked at
_CHALLENGE = re.compile(
    r"just a moment\.\.\.|cf-chl|challenge-platform|g-recaptcha|recaptcha/api|h-?captcha"
    r"|cf-turnstile|captcha|checking (if|your) (the site|browser)|ddos-guard|_incapsula_resource"
    r"|datadome|aws-?waf|verify(ing)? (that )?you are (a )?human|are you a robot|enable javascript"
    r" and cookies|unusual traffic|sec-if-cpt|perimeterx",
    re.IGNORECASE,
)
_BLOCKED = re.compile(
    r"attention required! \| cloudflare|you have been blocked|request (has been |was )?blocked"
    r"|the requested url was rejected|your support id is|mod_security|modsecurity"
    r"|sucuri website firewall|incapsula incident|incident id|web application firewall"
    r"|errors\.edgesuite\.net|web page blocked|fortiguard|access denied|access to this (page|site)"
    r"|blocked by (the |our )?(security|firewall|administrator|network)|wordfence"
    r"|unauthorized activity|malicious request|policy violation|geo-?block"
    r"|not (available|accessible) (in|from) your (country|region|location)"
    r"|banned the (country|region)",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"type\s*=\s*[\"']?password|samlrequest|/adfs/ls|login\.microsoftonline|accounts\.google\.com"
    r"|<title>[^<]*(log[ -]?in|sign[ -]?in|anmeld|einloggen|iniciar sesi|connexion)",
    re.IGNORECASE,
)
_TUNNEL = re.compile(
    r"err_ngrok_|tunnel [\w.-]+ not found|no tunnel (here|is)|tunnel (is )?(unavailable|not found)"
    r"|error (code: ?)?1033|no such tunnel|tunnel connection (is )?(closed|failed)|loca\.lt",
    re.IGNORECASE,
)
_HTTPS_PORT = re.compile(
    r"plain http request was sent to https|http request to an https server"
    r"|speaking plain http to an ssl-enabled|requires tls",
    re.IGNORECASE,
)
# Words with which programs report that they have failed, where they begin a line or a title.
_FAULT = re.compile(
    r"traceback \(most recent call last\)|(uncaught|unhandled) (\w+ )?(exception|error|rejection)"
    r"|(^[ \t]*|<b>)(php )?(fatal|parse) error(</b>)?:|^[ \t]*exception in thread"
    r"|^[ \t]+at [\w$.]+\(\w+\.java:"
    r"|^[ \t]*(http )?(500|error)?[ :]{0,9}internal server error|server error in '/"
    r"|<(title|h1)[^<>]*>[^<]*(internal server error|application error|unhandled exception)"
    r"|\A\s*(fatal )?error: +(?!none|null|no\b|false|ok|0)"
    r"|<(\w+:)?fault[\s>/]|\A\s*(<\?xml[^>]*\?>\s*)?<(\w+:)?(errors?|exception|problem)[\s>]",
    re.IGNORECASE | re.MULTILINE,
)
_HTML = re.compile(
    rb"\s*(<!--.*?-->\s*)*(<!doctype html|<html|<head|<body|<title)", re.IGNORECASE | re.DOTALL
)
_STATUS_WORDS = ("status", "statuscode", "status_code", "httpstatus", "http_status", "code")
_OUTCOME_WORDS = ("status", "result", "outcome", "state")
_ERROR_WORDS = {
    *("error", "errors", "exception", "fault", "errormessage", "error_message"),
    *("errortype", "error_type", "errorcode", "error_code"),
}
_NO = {"false", "no", "0"}
_FAILED = {"error", "fail", "failed", "failure"}
_ERROR_STATUS = re.compile(r"[45]\d\d")
_ELEMENTS = 100  # of a list that are looked at


class BodyKind(StrEnum):
    """The kind of a body; `CHALLENGE` to `TUNNEL` are pages of what is before the endpoint."""

    EMPTY = "empty"
    TEXT = "text"
    JSON = "JSON"
    JSON_ERROR = "JSON that reports an error"
    ERROR_REPORT = "a report of an error"
    XML = "XML"
    HTML = "HTML"
    CHALLENGE = "a challenge, such as a captcha"
    BLOCKED = "a firewall's page"
    LOGIN = "a log-in page"
    TUNNEL = "a tunnel's page"
    HTTPS_PORT = "a complaint about plain http"
    BINARY = "binary data"


_PLAIN = {"", "identity"}
_READABLE = _PLAIN | {"gzip", "x-gzip", "deflate"}


def body_kind(headers: Mapping[str, str], body: bytes) -> BodyKind:
    """Return the kind of a body; the names of `headers` are in lower case."""
    if "challenge" in (headers.get("cf-mitigated", ""), headers.get("x-amzn-waf-action", "")):
        return BodyKind.CHALLENGE
    encoding = headers.get("content-encoding", "").strip().lower()
    body = _decoded(encoding, body)[:_READ]
    if not body.strip():
        return BodyKind.EMPTY
    text = body.decode("utf-8", "replace")
    # PHP calls everything HTML, so the content type needs markup to go with it, or what may be it.
    is_html = bool(_HTML.match(body)) or (
        "html" in headers.get("content-type", "").lower()
        and (b"</" in body or encoding not in _READABLE)
    )
    for pattern, kind in _PAGES:
        # A short text may use such words about itself; a page says more with them.
        if (is_html or kind in {BodyKind.TUNNEL, BodyKind.HTTPS_PORT}) and pattern.search(text):
            return kind
    if is_html:
        return BodyKind.ERROR_REPORT if _FAULT.search(text) else BodyKind.HTML
    return _plain_kind(body, text)


_PAGES: Sequence[tuple[re.Pattern[str], BodyKind]] = (
    (_HTTPS_PORT, BodyKind.HTTPS_PORT),
    (_TUNNEL, BodyKind.TUNNEL),
    (_BLOCKED, BodyKind.BLOCKED),
    (_CHALLENGE, BodyKind.CHALLENGE),
    (_LOGIN, BodyKind.LOGIN),
)


def _plain_kind(body: bytes, text: str) -> BodyKind:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        pass
    else:
        return BodyKind.JSON_ERROR if _reports_error(value) else BodyKind.JSON
    if _FAULT.search(text):
        return BodyKind.ERROR_REPORT
    if text.lstrip("\ufeff \r\n\t").startswith("<"):
        return BodyKind.XML
    return BodyKind.BINARY if b"\0" in body else BodyKind.TEXT


def _reports_error(value: object) -> bool:
    """Return whether an object says that it is one about an error; empty errors are none."""
    if isinstance(value, list):
        return any(isinstance(one, dict) and _reports_error(one) for one in value[:_ELEMENTS])
    if not isinstance(value, dict):
        return False
    fields = {str(name).lower(): content for name, content in value.items()}
    if any(str(fields.get(name) or "").strip("0") for name in _ERROR_WORDS):
        return True
    if any(_word(fields.get(name)) in _NO for name in ("success", "ok")):
        return True
    if any(_word(fields.get(name)) in _FAILED for name in _OUTCOME_WORDS):
        return True
    return any(_ERROR_STATUS.fullmatch(_word(fields.get(name))) for name in _STATUS_WORDS)


def _word(value: object) -> str:
    return str(value).strip().lower() if isinstance(value, str | int) else ""


def _decoded(encoding: str, body: bytes) -> bytes:
    """Undo gzip or deflate, as far as it was received; other encodings are left as they are."""
    if encoding not in _READABLE - _PLAIN:
        return body
    try:
        return zlib.decompressobj(wbits=47).decompress(body, _READ)
    except zlib.error:
        return body
