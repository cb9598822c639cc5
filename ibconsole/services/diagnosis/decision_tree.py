"""The four questions behind "why does nothing arrive?", answered for one application.

Does it route? Was it attempted? What answered? Did it reach us? The first "no" is where to look;
"not known" is an answer: the platform shows none of its attempts.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from ibconsole.hosts import host_of
from ibconsole.model import Action, ActionType
from ibconsole.plural import counted
from ibconsole.services.diagnosis.catalogue import Evidence, Finding
from ibconsole.services.diagnosis.rules import (
    ApplicationFacts,
    EndpointFacts,
    Facts,
    FactsIndex,
)
from ibconsole.services.forward_test import Delivered
from ibconsole.services.setup import find_route

_PLATFORM, _ARCHIVE = "the platform's list", "the archive"


class TreeQuestion(StrEnum):
    """The questions, in their order."""

    ROUTE = "Does it route?"
    ATTEMPT = "Was it attempted?"
    ANSWER = "What answered?"
    ARRIVAL = "Did it reach us?"


class TreeReply(StrEnum):
    """The answer to a question."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not known"


class TreeStep(msgspec.Struct, frozen=True):
    """The answer to one question, its evidence, and the findings that belong to it."""

    question: TreeQuestion
    reply: TreeReply
    sentence: str
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()


# The hundreds of the numbers that belong to each question.
_GROUPS = {
    TreeQuestion.ROUTE: {10, 11, 17},
    TreeQuestion.ATTEMPT: {15, 18},
    TreeQuestion.ANSWER: {12, 13, 14},
    TreeQuestion.ARRIVAL: {16, 19},
}


def walk(facts: Facts, findings: Sequence[Finding], code: str) -> tuple[TreeStep, ...]:
    """Answer the four questions for the application with this code.

    `findings` are those of `diagnose` on the same facts. Raises LookupError if there is no such
    application.
    """
    index = FactsIndex(facts)
    found = [one for one in index.applications if one.application.code == code]
    if not found:
        raise LookupError("There is no such application.")
    own = [one for one in findings if one.subject.application in {code, ""}]
    steps = (
        _borrowed_route(index, found[0]) or _route(index, found[0]),
        _attempt(index, found[0]),
        _answer(index, found[0]),
        _arrival(index, found[0]),
    )
    return tuple(
        msgspec.structs.replace(
            step,
            findings=tuple(one for one in own if one.number // 100 in _GROUPS[step.question]),
        )
        for step in steps
    )


def _route(index: FactsIndex, application: ApplicationFacts) -> TreeStep:
    question, configurations = TreeQuestion.ROUTE, application.configurations
    actions = _actions(application)
    seen = Evidence("The setup was read.", application.read_at, _PLATFORM)
    unread = configurations is None or any(one.actions is None for one in configurations)
    if unread and not actions:
        why = application.problem.sentence if application.problem else ""
        sentence = f"Not known: the setup was not read. {why}".strip()
        return TreeStep(question, TreeReply.NOT_KNOWN, sentence)
    if not configurations:
        return TreeStep(question, TreeReply.NO, "No: there is no configuration.", (seen,))
    route = find_route(actions, sandbox=index.facts.account.sandbox)
    if not actions:
        return TreeStep(question, TreeReply.NO, f"No. {route.sentence}", (seen,))
    urls = _urls(index, application)
    pulls = any(action.type == ActionType.PULL for action in actions)
    if urls and not pulls and not any(index.is_reachable(url) for url in urls):
        sentence = f"No: the platform cannot reach {_hosts(urls)}."
        return TreeStep(question, TreeReply.NO, sentence, (seen,))
    if not urls and not pulls:
        return TreeStep(question, TreeReply.NOT_KNOWN, f"Not known. {route.sentence}", (seen,))
    return TreeStep(question, TreeReply.YES, f"Yes. {route.sentence}", (seen,))


def _borrowed_route(index: FactsIndex, application: ApplicationFacts) -> TreeStep | None:
    until = application.borrowed_until
    if until is None:
        return None
    end = f"{datetime.fromtimestamp(until / 1000, UTC):%H:%M} UTC"
    sentence = f"Yes: it is borrowed until {end}, and leads to this computer."
    if until <= index.facts.now:
        sentence = f"Yes: it was borrowed until {end}, and what that created is not removed yet."
    actions = _actions(application)
    own = "There is no other action."
    if actions:
        own = find_route(actions, sandbox=index.facts.account.sandbox).sentence
    seen = Evidence("The setup was read.", application.read_at, _PLATFORM)
    return TreeStep(TreeQuestion.ROUTE, TreeReply.YES, f"{sentence} {own}", (seen,))


def _attempt(index: FactsIndex, application: ApplicationFacts) -> TreeStep:
    question, arrivals = TreeQuestion.ATTEMPT, application.arrivals
    if arrivals and arrivals.last_forwarded_at is not None:
        seen = Evidence(
            "The last forward of this application arrived here.",
            arrivals.last_forwarded_at,
            _ARCHIVE,
        )
        return TreeStep(question, TreeReply.YES, "Yes: the platform has forwarded here.", (seen,))
    pulls = index.facts.pulls.pulls if index.facts.pulls else ()
    if pulls and _pulled_actions(application):
        seen = Evidence("The last pull on this connection.", pulls[0].at, _ARCHIVE)
        return TreeStep(question, TreeReply.YES, "Yes: this computer has pulled.", (seen,))
    if refused := index.facts.console.refused:
        seen = Evidence("The last refused request.", refused.at, "the listener")
        sentence = (
            f"Perhaps: the listener refused {counted(refused.count, 'request')}, and it is not"
            " known for which application."
        )
        return TreeStep(question, TreeReply.NOT_KNOWN, sentence, (seen,))
    return TreeStep(
        question,
        TreeReply.NOT_KNOWN,
        "Not known: the platform does not show its attempts. Ask Infobip's support for its log,"
        " with the application code and a sender.",
    )


def _answer(index: FactsIndex, application: ApplicationFacts) -> TreeStep:
    question = TreeQuestion.ANSWER
    looks = [look for look in _looks(index, application) if look.answer or look.at]
    evidence = tuple(_look_evidence(look) for look in looks)
    answers = [look.answer for look in looks if look.answer]
    troubled = [look for look in looks if look.troubles]
    if any(answer.counts is Delivered.NO for answer in answers) or (troubled and not answers):
        worst = next(
            (answer.sentence for answer in answers if answer.counts is Delivered.NO), ""
        ) or next(look.troubles[0].sentence for look in troubled)
        return TreeStep(question, TreeReply.NO, f"An error. {worst}", evidence)
    if answers and all(answer.counts is Delivered.YES for answer in answers):
        return TreeStep(question, TreeReply.YES, "The endpoint answered a test with 200.", evidence)
    if looks and not answers:
        sentence = (
            "Not known: the endpoint can be reached from this computer, and no test of it is"
            " recorded. Send a forward test."
        )
        return TreeStep(question, TreeReply.NOT_KNOWN, sentence, evidence)
    pulls = index.facts.pulls.pulls if index.facts.pulls else ()
    if pulls and _pulled_actions(application) and not _urls(index, application):
        reply = TreeReply.YES if pulls[0].status == 200 else TreeReply.NO
        sentence = f"The platform answered the last pull with {pulls[0].status or 'nothing'}."
        return TreeStep(question, reply, sentence, (Evidence(sentence, pulls[0].at, _ARCHIVE),))
    sentence = "Not known: no test of a forward URL of this application is recorded."
    return TreeStep(question, TreeReply.NOT_KNOWN, sentence, evidence)


def _arrival(index: FactsIndex, application: ApplicationFacts) -> TreeStep:
    question, arrivals = TreeQuestion.ARRIVAL, application.arrivals
    if arrivals:
        more = "" if arrivals.is_all else " at least"
        seen = Evidence(
            f"The last of{more} {counted(arrivals.count, 'message')}.", arrivals.last_at, _ARCHIVE
        )
        sentence = "Yes: messages of this application are in the archive."
        return TreeStep(question, TreeReply.YES, sentence, (seen,))
    owners = index.facts.console.owners
    is_meant = application.borrowed_until or any(url in owners for url in _urls(index, application))
    if is_meant or _pulled_actions(application):
        sentence = "No: the archive of this computer has no message of this application."
        return TreeStep(question, TreeReply.NO, sentence)
    sentence = "Not known: its messages are not meant to arrive at this computer."
    return TreeStep(question, TreeReply.NOT_KNOWN, sentence)


def _urls(index: FactsIndex, application: ApplicationFacts) -> Sequence[str]:
    return list(dict.fromkeys(one.url for one in index.forwards if one.application is application))


def _looks(index: FactsIndex, application: ApplicationFacts) -> Iterator[EndpointFacts]:
    for url in _urls(index, application):
        if endpoint := index.facts.endpoints.get(url.strip()):
            yield endpoint


def _look_evidence(look: EndpointFacts) -> Evidence:
    where = host_of(look.url)
    if look.answer:
        status = "no answer" if look.answer.status is None else f"status {look.answer.status}"
        return Evidence(f"The latest test: {status}.", look.answer.at, where)
    return Evidence(f"A probe {look.vantage or 'from this computer'}.", look.at, where)


def _pulled_actions(application: ApplicationFacts) -> bool:
    return any(action.type == ActionType.PULL for action in _actions(application))


def _actions(application: ApplicationFacts) -> Sequence[Action]:
    return [
        action
        for configuration in application.configurations or ()
        for action in configuration.actions or ()
    ]


def _hosts(urls: Sequence[str]) -> str:
    hosts = list(dict.fromkeys(host_of(url) or "the URL" for url in urls))
    return hosts[0] if len(hosts) == 1 else f"any of {len(hosts)} hosts"
