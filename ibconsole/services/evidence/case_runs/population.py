"""The content of a simulated account, made of recorded facts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from ibconsole.model import (
    Action,
    Application,
    Undecodable,
    parse,
    read_action,
    read_application,
)
from ibconsole.services.diagnosis import Facts, ReadingProblem
from ibconsole.services.diagnosis.rules import ApplicationFacts, ConfigurationFacts
from ibconsole.simulator import GivenApplication, GivenConfiguration, Population

_LIST = "/push/1/applications"
_NOT_RECORDED = 404  # the status of what the case does not know
_NO_CREDENTIAL = 401  # what a platform would have said where nothing was sent

T = TypeVar("T")

_APPLICATION_FIELDS = {
    "code": "applicationCode",
    "id": "applicationId",
    "name": "name",
    "description": "description",
    "registrations": "registrationsCount",
}
_ACTION_FIELDS = {
    "key": "key",
    "type": "type",
    "forward_url": "forwardUrl",
    "callback_data": "callbackData",
}


def population_of(facts: Facts, messages: Sequence[bytes] = ()) -> Population:
    """Return the setup of these facts as a platform would list it, borrowed routes left out.

    What could not be read, or was not asked for, is refused as it was. `messages` are JSON, and
    wait for a pull.
    """
    return Population(
        applications=tuple(map(_given, facts.applications or ())),
        messages=tuple(_parsed(messages)),
        refusals=dict(_refusals(facts)),
    )


def _given(facts: ApplicationFacts) -> GivenApplication:
    raw = _served(facts.application, _APPLICATION_FIELDS, read_application)
    return GivenApplication(raw, tuple(map(_given_configuration, facts.configurations or ())))


def _given_configuration(facts: ConfigurationFacts) -> GivenConfiguration:
    raw = {"key": facts.key} if facts.key else {}
    actions = (_served(one, _ACTION_FIELDS, read_action) for one in facts.actions or ())
    return GivenConfiguration(raw, tuple(actions))


def _served(
    known: Application | Action,
    names: Mapping[str, str],
    read: Callable[[Mapping[str, Any]], Application | Action],
) -> dict[str, Any]:
    """Return the object as received, with what its fields say where redaction has parted them."""
    raw = dict(known.raw)
    seen = read(raw)
    for field, name in names.items():
        if getattr(seen, field) != getattr(known, field):
            raw[name] = getattr(known, field)
    return raw


def _refusals(facts: Facts) -> Iterator[tuple[str, int | None]]:
    if facts.applications is None:
        yield _LIST, _status(facts.account.problem)
    for one in facts.applications or ():
        path = f"{_LIST}/{one.application.code}/configurations"
        if one.configurations is None:
            yield path, _status(one.problem)
        for configuration in one.configurations or ():
            if configuration.actions is None and configuration.key:
                yield f"{path}/{configuration.key}/actions", _status(configuration.problem)


def _status(problem: ReadingProblem | None) -> int | None:
    """Return the status of a refusal, None for no answer at all."""
    if problem is None:
        return _NOT_RECORDED
    if problem.is_local:
        return _NO_CREDENTIAL
    is_final = problem.status is not None and 200 <= problem.status <= 599
    return problem.status if is_final else None


def _parsed(messages: Sequence[bytes]) -> Iterator[Any]:
    for one in messages:
        try:
            yield parse(one)
        except Undecodable:  # a platform sends JSON only
            continue
