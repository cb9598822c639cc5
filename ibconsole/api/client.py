"""Requests to one account: credential, rate budget, retries, masking.

Two ways to send. `request` is for everything that can be repeated without harm, or that is known
not to have arrived. `fetch_once` is for the pull, which is never repeated.
"""

from collections.abc import Awaitable, Callable
from typing import Self

import msgspec
from msgspec.structs import replace

from ibconsole.api.auth_causes import PULL_SCOPES, AuthRequirement
from ibconsole.api.authorization import Authorization
from ibconsole.api.budget import Budget
from ibconsole.api.encoding import ACCEPTED
from ibconsole.api.errors import (
    UNKNOWN_OUTCOME,
    ApiError,
    NotFound,
    RateLimited,
    Refused,
    Unauthorized,
    Unreachable,
    error_from_answer,
)
from ibconsole.api.exchange import (
    Answer,
    ExchangeRecorder,
    Observation,
    Observer,
    OutgoingRequest,
    PullAnswer,
    PullStream,
    RawAnswer,
)
from ibconsole.api.gate import (
    Call,
    CallKind,
    CallOutcome,
    CallState,
    Gate,
    NotPermitted,
    admit_reads,
    kind_of,
)
from ibconsole.api.masking import Mask
from ibconsole.api.retrying import DEFAULT_TIMEOUTS, Attempts, Timeouts, retry
from ibconsole.api.transport import HttpTransport, StreamResult, request_headers
from ibconsole.errors import UserError
from ibconsole.secret import Secret

_GONE = (
    "An attempt got no usable answer, and the next one found that it does not exist any more: this"
    " call has deleted it, or another one meanwhile."
)
_OUTCOMES = {"GET": "Nothing was changed; try again in a moment."}


class _ApiCall(msgspec.Struct, frozen=True):
    method: str
    path: str
    body: bytes | None
    attempts: Attempts


class ApiClient:
    """Sends requests to one base URL with one credential, within one budget.

    Raises BadBaseUrl at once for a base URL that `normalize_base_url` refuses. Creating it needs
    no running loop, and it connects only when a request is sent. `gate` is asked before every
    call, and by default admits reads alone. `observe` gets every attempt. The credential is
    masked wherever an answer repeats it.
    """

    def __init__(
        self,
        base_url: str,
        authorization: Authorization,
        *,
        gate: Gate = admit_reads,
        budget: Budget | None = None,
        observe: Observer | None = None,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        self._http = HttpTransport(base_url, timeouts)
        self.base_url = self._http.base_url
        self._authorization = authorization
        self._gate = gate
        self._budget = budget or Budget()
        self._observe = observe
        self._timeouts = timeouts
        self._last_sent: Secret | None = None
        self._refused: Secret | None = None
        self._masks: tuple[tuple[Secret, ...], Mask] = ((), Mask())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The credential as it is now, in every form in which it is sent."""
        return (*self._authorization.secrets, *self._http.secrets)

    @property
    def mask(self) -> Mask:
        """The mask for the credential, as it is now."""
        secrets = self.secrets
        if self._masks[0] != secrets:
            self._masks = (secrets, Mask(secrets))
        return self._masks[1]

    def require(self, call: Call) -> None:
        """Raise NotPermitted for a call that must not be sent; `request` asks again."""
        self._gate.require(call)

    async def request(
        self, method: str, path: str, body: bytes | None = None, *, before: bytes = b""
    ) -> Answer:
        """Send a request and return its 2xx answer; `body` is JSON.

        Waits for its turn in the budget. Retries, at most twice, GET and DELETE after temporary
        failures, any request that certainly did not arrive, and any request after 429; retries
        once, with a renewed credential, a request whose credential was refused. A repeated
        DELETE that is answered 404 has succeeded. Raises NotPermitted or ApiError. `before` is what
        is known of the object that is changed, for the record.
        """
        mask = self.mask.mask_bytes
        call = Call(kind_of(method), method, path, mask(body or b""), mask(before))
        self._gate.require(call)
        finish = await self._gate.record(call)
        attempts = Attempts(method, self._timeouts)
        try:
            sent = _ApiCall(method, path, body, attempts)
            answer = await retry(attempts.should_retry, self._attempt, sent)
        except UserError as error:
            if _is_gone(method, error, attempts):
                await finish(CallOutcome(CallState.UNKNOWN, 404, _GONE))
                return Answer(204)
            await finish(_outcome_of(error, attempts))
            raise
        await finish(CallOutcome(CallState.DONE, answer.status, answer=answer.body))
        return answer

    async def _attempt(self, call: _ApiCall) -> Answer:
        credential = await self._credential(call.attempts)
        # A credential that was never sent before is already fresh.
        renewable = credential == self._last_sent
        try:
            return await self._send(call, credential)
        except Unauthorized:
            if not (renewable and call.attempts.use_renewal()):
                raise
            renewed = await self._credential(call.attempts, refused=credential)
            if renewed == credential:
                raise
        return await self._send(call, renewed)

    async def _credential(self, attempts: Attempts, refused: Secret | None = None) -> Secret:
        """Return the header to send, a renewed one if possible after a refusal."""
        refused, self._refused = refused or self._refused, None
        try:
            if refused:
                await self._authorization.renew(refused)
            return await self._authorization.header()
        except ApiError:
            attempts.give_up()
            raise

    async def _send(self, call: _ApiCall, credential: Secret) -> Answer:
        slot = await self._budget.acquire()
        if not call.attempts.number:  # what permitted it may have ended during the wait for a turn
            self._gate.require(Call(kind_of(call.method), call.method, call.path))
        seconds = call.attempts.begin()
        mask, number = self.mask, call.attempts.number
        headers = request_headers(ACCEPTED, credential)
        request = OutgoingRequest(call.method, call.path, headers, call.body)
        recorder = ExchangeRecorder(
            call.method, self.base_url, call.path, attempt=number, mask=mask
        )
        with Observation(self._observe, recorder):
            answer = await self._http.exchange(
                request, recorder, seconds=seconds, body_needed=call.method == "GET"
            )
            self._last_sent = credential
            slot.mark_answered()
            call.attempts.mark_answered()
            if refusal := self._refusal(call.method, call.path, answer, mask):
                self._pause_if_limited(refusal)
                raise refusal
        return Answer(answer.status, mask.mask_bytes(answer.body))

    def _refusal(self, method: str, path: str, answer: RawAnswer, mask: Mask) -> ApiError | None:
        return error_from_answer(
            answer.status,
            dict(mask.mask_headers(answer.headers)),
            b"" if 200 <= answer.status < 300 else mask.mask_for_log(answer.body),
            outcome=_OUTCOMES.get(method, UNKNOWN_OUTCOME),
            requirement=AuthRequirement(
                self._authorization.auth_causes, names_resource="/applications/" in path
            ),
        )

    async def fetch_once(
        self,
        path: str,
        *,
        receive: Callable[[bytes], Awaitable[None]],
        sending: Callable[[], None] | None = None,
    ) -> PullAnswer:
        """Send one GET that must never be repeated, and pass its answer on as it arrives.

        `sending` is called just before the request is sent. `receive` gets every byte of the
        answer before it is parsed: head, framing and body, still compressed if it is; where it is
        not, each secret is replaced by as many asterisks. Returns for every status, and also if
        the answer ended early. The outcome is recorded by `PullAnswer.record`, except of a pull
        that raises. Raises NotPermitted or ApiError only if nothing was sent; an exception of
        `receive` is propagated with the connection closed.
        """
        call = Call(CallKind.PULL, "GET", path)
        self._gate.require(call)
        finish = await self._gate.record(call)
        try:
            answer, size = await self._fetch(call, receive, sending)
        except UserError as error:  # an error of `receive` came after the request
            unsent = isinstance(error, ApiError | NotPermitted)
            state = CallState.NOT_SENT if unsent else CallState.UNKNOWN
            await finish(CallOutcome(state, problem=str(error)))
            raise
        outcome = _pull_outcome(answer, size)

        async def record(messages: int | None, pending: int | None) -> None:
            await finish(replace(outcome, messages=messages, pending=pending))

        return replace(answer, record=record)

    async def _fetch(
        self,
        call: Call,
        receive: Callable[[bytes], Awaitable[None]],
        sending: Callable[[], None] | None,
    ) -> tuple[PullAnswer, int]:
        """Send the request of a pull; return what became of it, and the size of its body."""
        path = call.path
        # A token is fetched before a slot is acquired, which should not wait for that.
        await self._credential(Attempts("GET"))
        slot = await self._budget.acquire(urgent=True)
        credential = await self._authorization.header()
        self._gate.require(
            call
        )  # again: what permitted it may have ended during the wait for a turn
        headers = {**request_headers("identity", credential), "Connection": "close"}
        recorder = ExchangeRecorder("GET", self.base_url, path, mask=self.mask)
        with Observation(self._observe, recorder):
            stream = PullStream(receive, self.mask, recorder)
            result = await self._http.stream(
                OutgoingRequest("GET", path, headers), stream, recorder, sending=sending
            )
            slot.mark_answered()
            answer = self._pull_answer(result, bytes(stream.body_start))
            recorder.problem = answer.problem or str(answer.refusal or "")
        self._pause_if_limited(answer.refusal)
        self._last_sent = credential
        if isinstance(answer.refusal, Unauthorized):
            # Too late for this pull; the next request gets a renewed credential if there is one.
            self._refused = credential
        return answer, recorder.answer_size

    def _pull_answer(self, result: StreamResult, head: bytes) -> PullAnswer:
        if result.status is None:
            return PullAnswer(None, (), complete=False, problem=result.problem)
        mask = self.mask
        headers = mask.mask_headers(result.headers)
        refusal = error_from_answer(
            result.status,
            dict(headers),
            b"" if _is_compressed(result) else mask.mask_for_log(head),
            outcome="Whether it handed out messages is not known; its answer is kept.",
            requirement=AuthRequirement(
                self._authorization.auth_causes, PULL_SCOPES, names_resource=False
            ),
        )
        return PullAnswer(
            result.status,
            headers,
            complete=not result.problem,
            problem=result.problem,
            refusal=refusal,
            mask=mask.mask_bytes,
        )

    def _pause_if_limited(self, error: ApiError | None) -> None:
        if isinstance(error, RateLimited):
            self._budget.pause(min(error.retry_after, self._timeouts.retry_after))


def _is_gone(method: str, error: UserError, attempts: Attempts) -> bool:
    """Return whether an attempt to delete found nothing, and an earlier one may have deleted it."""
    return method == "DELETE" and isinstance(error, NotFound) and attempts.may_have_succeeded


def _is_compressed(result: StreamResult) -> bool:
    return any(
        name.lower() == "content-encoding" and value.lower() != "identity"
        for name, value in result.headers
    )


def _outcome_of(error: UserError, attempts: Attempts) -> CallOutcome:
    """Return what is certain about a failed call."""
    unsent = not attempts.number or (isinstance(error, Unreachable) and not error.sent)
    if attempts.may_have_succeeded:
        state = CallState.UNKNOWN
    elif unsent:
        state = CallState.NOT_SENT
    else:
        state = CallState.REFUSED if isinstance(error, Refused) else CallState.UNKNOWN
    return CallOutcome(state, getattr(error, "status", None), str(error))


def _pull_outcome(answer: PullAnswer, size: int) -> CallOutcome:
    """Return what is certain about a pull whose request may have been sent."""
    state = CallState.DONE
    if answer.refusal:
        state = CallState.REFUSED if isinstance(answer.refusal, Refused) else CallState.UNKNOWN
    elif answer.status is None or not answer.complete:
        state = CallState.UNKNOWN
    problem = answer.problem or str(answer.refusal or "")
    return CallOutcome(state, answer.status, problem, size=size)
