"""Masks in a setup file: what they hide, and the actions that a masked value stands for."""

import re
from collections import defaultdict
from collections.abc import Iterable

from ibconsole.api import Mask
from ibconsole.model import Action, ActionDraft, ActionType
from ibconsole.secret import MASK, Secret
from ibconsole.services.protection import ShownCodes
from ibconsole.services.setup.files.values import WantedAction

_AUTHORITY_END = re.compile(r"[/?#\\]|$")
_WORD = re.compile(r"\S+")
_QUERY = re.compile(r"\?([^#]*)")
_FRAGMENT = re.compile(r"#.+", re.DOTALL)
_PARAMETER = re.compile(r"(^|[&;])([^=&;]*=)?([^&;]*)")
# What the client makes of the account's credential in an answer.
_MASKED_BY_CLIENT = re.compile(r"\*{8,}")
_SHORTEST_CODE = 12  # characters; a shorter code may occur by chance in a text


class Masking:
    """The parts that an export hides: users in URLs, secrets, and the values of queries if asked.

    `credential` is masked in every spelling, `codes` as they are, and `shown_codes` masks a whole
    value in which there is a code that may not be shown.
    """

    def __init__(
        self,
        credential: Secret | None = None,
        codes: Iterable[str] = (),
        *,
        shown_codes: ShownCodes | None = None,
        masks_queries: bool = False,
    ) -> None:
        self._mask = Mask([credential] if credential else [])
        self._shown_codes = shown_codes or ShownCodes()
        self._masks_queries = masks_queries
        # By their beginnings, because an account may have thousands of codes.
        self._codes: defaultdict[str, list[str]] = defaultdict(list)
        for code in sorted(set(codes), key=len, reverse=True):
            if len(code) >= _SHORTEST_CODE:
                self._codes[code[:_SHORTEST_CODE]].append(code)

    def draft(self, draft: ActionDraft) -> ActionDraft:
        """Return the draft with masked values."""
        url = self.text(draft.forward_url)
        if self._masks_queries:
            url = _FRAGMENT.sub(f"#{MASK}", _QUERY.sub(_mask_query, url, count=1))
        return ActionDraft(
            type=draft.type, forward_url=url, callback_data=self.text(draft.callback_data)
        )

    def text(self, text: str) -> str:
        """Return a text without secrets, and without users and passwords in its URLs."""
        shown = self._mask.mask_text(_MASKED_BY_CLIENT.sub(MASK, text))
        shown = _WORD.sub(_without_users, self._without_codes(shown))
        return shown if self._shown_codes.text(shown) == shown else MASK

    def _without_codes(self, text: str) -> str:
        parts: list[str] = []
        start = written = 0
        while start + _SHORTEST_CODE <= len(text):
            candidates = self._codes.get(text[start : start + _SHORTEST_CODE], ())
            code = next((one for one in candidates if text.startswith(one, start)), "")
            if code:
                parts += [text[written:start], MASK]
                written = start + len(code)
            start += len(code) or 1
        return "".join([*parts, text[written:]])


def matches(wanted: WantedAction, action: Action | ActionDraft) -> bool:
    """Return whether an action is like a wanted one: equal, but for what is masked.

    A mask stands for one character or more. Keys do not count.
    """
    draft = wanted.draft
    return (
        draft.type == action.type
        and _fits(draft.forward_url, action.forward_url)
        and _fits(draft.callback_data, action.callback_data)
    )


def creation_problem(wanted: WantedAction) -> str:
    """Return the rule that keeps an action from being created, as a clause; "" for none.

    An action that exists may break it, and is matched all the same.
    """
    draft = wanted.draft
    if wanted.is_masked:
        return f"a masked value ({MASK}) cannot be applied: no action here matches it"
    if not draft.type:
        return "an action needs a type"
    known = {one.value.casefold(): one.value for one in ActionType}
    spelling = known.get(draft.type.strip().casefold().replace("-", "_"), draft.type)
    if spelling != draft.type:
        return f"type has to be written {spelling}"
    return _url_problem(draft)


def _url_problem(draft: ActionDraft) -> str:
    if draft.type == ActionType.HTTP_FORWARD:
        if not draft.forward_url:
            return f"an action of type {draft.type} needs a forwardUrl"
        if not re.match(r"(?i)https?://[^\s/?#]", draft.forward_url):
            return "forwardUrl has to begin with https:// or http://, and a host"
    if draft.type == ActionType.PULL and draft.forward_url:
        return f"an action of type {draft.type} has no forwardUrl"
    return ""


def _without_users(word: re.Match[str]) -> str:
    """Mask the users and passwords of the URLs in a word: all of an authority up to its last @.

    A password may contain a character that ends an authority. Then what seems to be the port is no
    number, and everything up to the last @ of the word is masked.
    """
    text, parts, written, start = word[0], [], 0, 0
    last = text.rfind("@")
    while 0 <= (start := text.find("//", start)) < last:
        start += 2
        found = _AUTHORITY_END.search(text, start)
        end = found.start() if found else len(text)
        at, host = text.rfind("@", start, end), text[start:end]
        port = host.rpartition(":")[2]
        if at < 0 and ":" in host and port and not port.isdigit() and not host.startswith("["):
            at = last
        if at > start:
            parts += [text[written:start], MASK]
            written = start = at
    return "".join([*parts, text[written:]])


def _mask_query(found: re.Match[str]) -> str:
    def mask(parameter: re.Match[str]) -> str:
        return f"{parameter[1]}{parameter[2] or ''}{MASK if parameter[3] else ''}"

    return "?" + _PARAMETER.sub(mask, found[1])


def _fits(wanted: str, actual: str) -> bool:
    """Compare with a wanted text in which each mask stands for one character or more."""
    if MASK not in wanted:
        return wanted == actual
    first, *inner, last = wanted.split(MASK)
    end = len(actual) - len(last)
    if not actual.startswith(first) or not actual.endswith(last):
        return False
    start = len(first)
    for part in inner:
        found = actual.find(part, start + 1, end)
        if found < 0:
            return False
        start = found + len(part)
    return start < end
