"""Keys, tokens and URLs as people paste them, freed from what came with them.

The one home of what may surround them: blanks and line ends, quotes of any script, brackets,
invisible characters, and the caption or the header in front.
"""

import re

# Soft hyphens, zero-width characters, marks of direction, and byte order marks.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_QUOTES = (
    "\"'`\u00b4\u02b9-\u02bc\u2018-\u201f\u2032-\u2037\u00ab\u00bb\u2039\u203a\u275b-\u275e"
    "\u300c-\u300f\u301d-\u301f\uff02\uff07"
)
_PUNCTUATION = "(){}*,;\\\\"  # around a value in a settings file or a mail
_WRAPPED = re.compile(rf"[\s{_QUOTES}<>]*(.*?)[\s{_QUOTES}<>]*", re.DOTALL)
_QUOTED_VALUE = re.compile(
    rf"[\s{_QUOTES}<>{_PUNCTUATION}]*(.*?)[\s{_QUOTES}<>{_PUNCTUATION}]*", re.DOTALL
)
_OPTION = re.compile(rf"(?:-H|--header|export|set|\$env:)[\s=]*[{_QUOTES}]*(?=\S)", re.IGNORECASE)
_HEADER = re.compile(rf"(?:proxy-)?authorization[{_QUOTES}\s]*[:=]", re.IGNORECASE)
# "API key: …", "INFOBIP_API_KEY=…", "apiKey": "…", as in settings files and mails.
_CAPTION = re.compile(rf"[a-z_ -]{{0,40}}(?:key|token)[{_QUOTES}\s]*[:=](?!=*$)", re.IGNORECASE)


def clean_pasted(text: str) -> str:
    """Return a text without invisible characters, and without blanks and quotes around it."""
    return _inside(_WRAPPED, text)


def clean_value(text: str) -> str:
    """Return a text as `clean_pasted` does, without the punctuation around it as well."""
    return _inside(_QUOTED_VALUE, text)


def clean_key(text: str, scheme: str) -> str:
    """Return a key or token as `clean_value` does, without header, caption and scheme.

    `scheme` is that of the `Authorization` header. Another scheme is left in front.
    """
    cleaned = clean_value(text)
    for pattern in (_OPTION, _HEADER, _CAPTION):
        if found := pattern.match(cleaned):
            cleaned = clean_value(cleaned[found.end() :])
    while found := re.match(rf"{scheme}\b[\s{_QUOTES}:]+(?=\S)", cleaned, re.IGNORECASE):
        cleaned = clean_value(cleaned[found.end() :])
    return cleaned


def _inside(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.fullmatch(_INVISIBLE.sub("", text))
    return found[1] if found else ""
