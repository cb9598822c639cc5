"""IBC-10xx: rules about the setup, as the platform lists it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from ibconsole.model import ActionType
from ibconsole.plural import counted
from ibconsole.services.diagnosis.catalogue import Evidence, Finding
from ibconsole.services.diagnosis.rules.facts import ApplicationFacts, ConfigurationFacts
from ibconsole.services.diagnosis.rules.index import FactsIndex, Forward, report
from ibconsole.text import escape_invisible

_LISTED = "the platform's list"
_TYPES = frozenset(ActionType)
_NAMED = 5  # applications that a finding names


def find_missing_parts(index: FactsIndex) -> Iterator[Finding]:
    """Find applications without a configuration, and configurations without an action."""
    for application in index.applications:
        if application.configurations == ():
            yield report(
                1001,
                index.subject(application),
                "The application has no configuration: inbound messages are neither forwarded nor"
                " kept for pulling.",
                Evidence("The list of configurations is empty.", application.read_at, _LISTED),
            )
    for application, configuration in index.configurations():
        if configuration.actions == () and not configuration.borrowed:
            yield report(
                1002,
                index.subject(application, configuration),
                "The configuration has no action: inbound messages are neither forwarded nor kept"
                " for pulling.",
                Evidence("The list of actions is empty.", application.read_at, _LISTED),
            )


def find_odd_actions(index: FactsIndex) -> Iterator[Finding]:
    """Find actions of an unknown type, forwards without a URL and pulls with one."""
    for application, configuration in index.configurations():
        for action in configuration.actions or ():
            subject = index.subject(application, configuration, action)
            if action.type not in _TYPES:
                named = escape_invisible(action.type) or "no type"
                seen = Evidence(f"The type is “{named}”.", application.read_at, _LISTED)
                yield report(1003, subject, f"An action has an unknown type: {named}.", seen)
            elif action.type == ActionType.HTTP_FORWARD and not action.forward_url.strip():
                yield report(
                    1009,
                    subject,
                    "An action forwards, and has no URL to forward to.",
                    Evidence("forwardUrl is missing or empty.", application.read_at, _LISTED),
                )
            elif action.type == ActionType.PULL and action.forward_url:
                yield report(
                    1012,
                    subject,
                    "An action keeps messages for pulling, and also has a forward URL.",
                    Evidence("The type is PULL.", application.read_at, _LISTED),
                )


def find_shared_messages(index: FactsIndex) -> Iterator[Finding]:
    """Find configurations whose actions share the messages, and several configurations."""
    for application, configuration in index.configurations():
        yield from _sharing(index, application, configuration)
    for application in index.applications:
        if application.configurations and len(application.configurations) > 1:
            number = counted(len(application.configurations), "configuration")
            yield report(
                1008,
                index.subject(application),
                f"The application has {number}; at most one is documented.",
                Evidence(f"The list has {number}.", application.read_at, _LISTED),
            )


def _sharing(
    index: FactsIndex, application: ApplicationFacts, configuration: ConfigurationFacts
) -> Iterator[Finding]:
    types = Counter(action.type for action in configuration.actions or ())
    forwards, pulls = types[ActionType.HTTP_FORWARD], types[ActionType.PULL]
    subject = index.subject(application, configuration)
    seen = Evidence(
        f"{counted(forwards, 'action')} of type HTTP_FORWARD, {pulls} of type PULL.",
        application.read_at,
        _LISTED,
    )
    if forwards and pulls:
        yield report(
            1004,
            subject,
            "Messages are forwarded and also kept for pulling; whether each way gets every message"
            " is not documented.",
            seen,
        )
    if pulls > 1:
        yield report(1010, subject, f"{pulls} actions keep messages for pulling.", seen)
    urls = {action.forward_url for action in configuration.actions or () if action.forward_url}
    if forwards > 1 and len(urls) > 1:
        yield report(
            1011,
            subject,
            f"Messages are forwarded to {len(urls)} URLs; whether each gets every message is not"
            " documented.",
            seen,
        )


def find_shared_urls(index: FactsIndex) -> Iterator[Finding]:
    """Find URLs that several actions forward to, and twins with different callback data."""
    for forwards in index.by_url.values():
        if len(forwards) < 2:
            continue
        per_configuration = Counter(
            (one.application.application.code, one.configuration.key) for one in forwards
        )
        reported = set()
        for forward in forwards:
            place = (forward.application.application.code, forward.configuration.key)
            if per_configuration[place] > 1 and place not in reported:
                reported.add(place)
                yield _same_url(index, forward, per_configuration[place])
        yield from _between_applications(index, forwards)
        yield from _callback_data(index, forwards)


def _same_url(index: FactsIndex, forward: Forward, times: int) -> Finding:
    return report(
        1005,
        index.subject_of(forward),
        f"{times} actions of this configuration forward to the same URL; whether every message is"
        f" posted {times} times is not documented.",
        Evidence(f"{times} actions have this URL.", forward.application.read_at, _LISTED),
    )


def _between_applications(index: FactsIndex, forwards: Sequence[Forward]) -> Iterator[Finding]:
    """Report once for each application that it shares the URL with others."""
    by_code = {one.application.application.code: one for one in reversed(forwards)}
    if len(by_code) < 2:
        return
    names = [one.application.application.name for one in by_code.values()]
    for forward in by_code.values():
        own = forward.application.application.name
        shown = ", ".join(escape_invisible(name) or "one without a name" for name in names[:_NAMED])
        yield report(
            1006,
            index.subject_of(forward),
            f"{escape_invisible(own) or 'This application'} and"
            f" {counted(len(by_code) - 1, 'other application')} forward to the same URL.",
            Evidence(f"The URL is used by {shown}.", forward.application.read_at, _LISTED),
        )


def _callback_data(index: FactsIndex, forwards: Sequence[Forward]) -> Iterator[Finding]:
    values = Counter(one.action.callback_data for one in forwards)
    if len(values) < 2:
        return
    usual, times = values.most_common(1)[0]
    for forward in forwards:
        if forward.action.callback_data != usual or times == 1:
            yield report(
                1007,
                index.subject_of(forward),
                "Actions that forward to the same URL have different callback data.",
                Evidence(
                    f"{len(forwards)} actions with this URL have {len(values)} different values.",
                    forward.application.read_at,
                    _LISTED,
                ),
            )


def find_unread_parts(index: FactsIndex) -> Iterator[Finding]:
    """Find parts of the setup that could not be read."""
    for application in index.applications:
        if application.problem:
            yield report(
                1014,
                index.subject(application),
                "The setup of this application could not be read.",
                Evidence(application.problem.sentence, application.read_at),
            )
    for application, configuration in index.configurations():
        if configuration.problem:
            yield report(
                1014,
                index.subject(application, configuration),
                "The actions of this configuration could not be read.",
                Evidence(configuration.problem.sentence, application.read_at),
            )


def find_odd_applications(index: FactsIndex) -> Iterator[Finding]:
    """Find what is unusual about the listed applications themselves."""
    codes = Counter(one.application.code for one in index.applications)
    for facts in index.applications:
        application, subject = facts.application, index.subject(facts)
        if not application.code:
            yield report(1018, subject, "The platform lists this application without a code.")
        elif codes[application.code] > 1:
            codes[application.code] = 0  # reported once
            yield report(1015, subject, "Several listed applications have this code.")
        if application.registrations == 0:
            seen = Evidence("registrationsCount is 0.", facts.read_at, _LISTED)
            yield report(1016, subject, "No installation of the app is registered.", seen)
        if application.apns is False and application.gcm is False:
            seen = Evidence("apns and gcm are not enabled.", facts.read_at, _LISTED)
            yield report(1017, subject, "Push is enabled for neither APNs nor FCM.", seen)


def find_odd_objects(index: FactsIndex) -> Iterator[Finding]:
    """Find objects that differ from the published contract."""
    for application in index.applications:
        if notes := application.application.oddities:
            yield _odd(index, application, None, "application", notes)
    for application, configuration in index.configurations():
        if configuration.oddities:
            yield _odd(index, application, configuration, "configuration", configuration.oddities)
        notes = tuple(note for action in configuration.actions or () for note in action.oddities)
        if notes:
            yield _odd(index, application, configuration, "action", notes)


def _odd(
    index: FactsIndex,
    application: ApplicationFacts,
    configuration: ConfigurationFacts | None,
    noun: str,
    notes: tuple[str, ...],
) -> Finding:
    shown = dict.fromkeys(escape_invisible(note) for note in notes)
    return report(
        1013,
        index.subject(application, configuration),
        f"The platform lists an unusual {noun}: {next(iter(shown))}.",
        *(
            Evidence(f"{noun.capitalize()}: {note}.", application.read_at, _LISTED)
            for note in shown
        ),
        times=len(notes),
    )
