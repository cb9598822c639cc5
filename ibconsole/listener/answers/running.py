"""A scenario that is set: it plans the answer to each request, by the computer's clocks."""

import logging
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from ibconsole.clock import elapsed_ms, now_ms
from ibconsole.http1 import AnswerPart, Fault, Request, Response
from ibconsole.listener import PathTable
from ibconsole.listener.answers.checking import MOST_RENDERED, require_valid
from ibconsole.listener.answers.matching import MatchedRequest, RuleChoice, ScenarioMatcher
from ibconsole.listener.answers.templates import AnswerTemplate, TemplateRequest
from ibconsole.listener.answers.values import AnswerRule, AnswerScenario, RuleAnswer
from ibconsole.model import AnswerEnd, MessageFields, PlannedAnswer

log = logging.getLogger(__name__)

_MOST_HEADER = 16 * 1024  # characters
_CONTROLS = re.compile("[\x00-\x1f\x7f]+")
_LONGER = 16  # bytes that a wrong length declares too many
_DRIP_PAUSES = 9  # between the ten pieces of a body, see Fault

# Returns the messages of a request, or None if they cannot be read at once.
ReadRequest = Callable[[Request], Sequence[MessageFields] | None]


class _PreparedAnswer:
    """Body and headers of an answer, ready to be filled in; a fixed body takes memory once."""

    def __init__(self, answer: RuleAnswer) -> None:
        self._body = AnswerTemplate(answer.body)
        self._headers = [(name, AnswerTemplate(value)) for name, value in answer.headers]
        fixed = self._body.fixed
        self._fixed = None if fixed is None else fixed.encode(errors="replace")

    def body(self, fields: TemplateRequest) -> bytes:
        if self._fixed is not None:
            return self._fixed
        return self._body.render(fields, MOST_RENDERED).encode(errors="replace")

    def headers(self, fields: TemplateRequest) -> tuple[tuple[str, str], ...]:
        return tuple(
            (name, _one_line(template.render(fields, _MOST_HEADER)))
            for name, template in self._headers
        )


class ActiveScenario:
    """A valid scenario, from the moment at which it was set.

    `elapsed` and `now` are clocks in milliseconds. Raises InvalidScenario.
    """

    def __init__(
        self,
        scenario: AnswerScenario,
        read_messages: ReadRequest,
        *,
        elapsed: Callable[[], int] = elapsed_ms,
        now: Callable[[], int] = now_ms,
    ) -> None:
        require_valid(scenario)
        self.scenario = scenario
        self._read_messages = read_messages
        self._elapsed = elapsed
        self._now = now
        self._began = elapsed()
        self.since = now()
        self._matcher = ScenarioMatcher(scenario)
        self._answers = [_PreparedAnswer(rule.answer) for rule in scenario.rules]
        paths = {rule.when.path: True for rule in scenario.rules if rule.when.path}
        self._paths = PathTable({path: True for path in paths if "*" not in path})
        self._has_failed = False

    @property
    def ends_at(self) -> int | None:
        """The time after which no rule matches any more, None if there is no such time."""
        after = self.scenario.ends_after
        return None if after is None else self.since + round(after * 1000)

    @property
    def answered(self) -> tuple[tuple[str, int], ...]:
        """The name of each rule with the number of requests that it answered."""
        return self._matcher.answered

    def upcoming(self) -> AnswerRule | None:
        """Return the first rule that can still answer a request, now or later."""
        return self._matcher.upcoming(self._seconds(), self._now())

    def has_path(self, path: str) -> bool:
        """Return whether a rule is about this path, so that the listener has it for now."""
        return bool(self._paths.find(path))

    def plan(self, request: Request) -> tuple[PlannedAnswer | None, str]:
        """Return the answer that a rule gives, None for the usual one, and a remark or "".

        Never raises: a rule that fails is no reason to fail for the request.
        """
        remarks: list[str] = []
        try:
            return self._plan(request, remarks), " ".join(remarks)
        except Exception as error:  # whatever the cause, the request is stored and answered
            if not self._has_failed:
                log.exception("An answer rule failed; the request is answered 200.")
            self._has_failed = True
            return None, f"The answer rules failed ({type(error).__name__}): answered as usual."

    def _plan(self, request: Request, remarks: list[str]) -> PlannedAnswer | None:
        messages = cache(partial(self._messages_of, request, remarks))
        matched = MatchedRequest(request.path, request.header, messages)
        choice = self._matcher.choose(matched, self._seconds(), self._now())
        if choice is None:
            return None
        return self._planned(choice, request, messages)

    def _planned(
        self, choice: RuleChoice, request: Request, messages: Callable[[], Sequence[MessageFields]]
    ) -> PlannedAnswer:
        answer, speed = choice.rule.answer, self.scenario.speed
        delay, seconds = answer.delay / speed, answer.seconds / speed
        name, rule = self.scenario.name, choice.rule.name
        if not answer.end.has_head:
            return PlannedAnswer(name, rule, None, delay=delay, end=answer.end, seconds=seconds)
        now = datetime.fromtimestamp(self._now() / 1000, UTC).isoformat(timespec="milliseconds")
        fields = TemplateRequest(request, messages, choice.number, now)
        prepared = self._answers[choice.place]
        body = prepared.body(fields)
        return PlannedAnswer(
            name,
            rule,
            answer.status,
            prepared.headers(fields),
            body,
            len(body),
            delay,
            answer.end,
            seconds,
            _declared_length(answer.end, answer.declared_length, len(body)),
        )

    def _messages_of(self, request: Request, remarks: list[str]) -> Sequence[MessageFields]:
        messages = self._read_messages(request)
        if messages is None:
            remarks.append("The answer rules could not look into the messages of this body.")
        return list(messages or ())  # decoded once for all rules

    def _seconds(self) -> float:
        return (self._elapsed() - self._began) / 1000


def _one_line(value: str) -> str:
    """Return the value of a header, in which a field of a request starts no other header."""
    return _CONTROLS.sub(" ", value).encode(errors="replace").decode()


def response_to(planned: PlannedAnswer, on_sent: Callable[[AnswerPart], None]) -> Response:
    """Return the answer as the server sends it; `on_sent` is called with what was sent."""
    headers = tuple((name.encode(), value.encode()) for name, value in planned.headers)
    return Response(planned.status or 200, headers, planned.body, _fault_of(planned), on_sent)


def _fault_of(planned: PlannedAnswer) -> Fault:
    size = len(planned.body)
    defects: dict[AnswerEnd, dict[str, Any]] = {
        AnswerEnd.HANG: {"hang": planned.seconds},
        AnswerEnd.CLOSE: {"hang": 0.0},
        AnswerEnd.RESET_BEFORE_HEAD: {"reset": True},
        AnswerEnd.RESET_AFTER_HEAD: {"reset": True, "cut_after": 0},
        AnswerEnd.HALF_BODY: {"cut_after": size // 2, "declared_length": max(size, 1)},
        AnswerEnd.WRONG_LENGTH: {"declared_length": planned.declared_length},
        AnswerEnd.SLOW_DRIP: {"drip": planned.seconds / _DRIP_PAUSES},
    }
    return Fault(delay=planned.delay, **defects.get(planned.end, {}))


def _declared_length(end: AnswerEnd, declared: int | None, size: int) -> int | None:
    if end is not AnswerEnd.WRONG_LENGTH:
        return None
    return size + _LONGER if declared is None else declared
