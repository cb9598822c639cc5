"""IBC-11xx: forward URLs, judged by their spelling."""

from ibconsole.services.diagnosis.catalogue.definition import (
    Definition,
    FindingGroup,
    WindowCommand,
)
from ibconsole.services.diagnosis.catalogue.finding import Basis, Level

_UNREACHABLE = (
    "The platform calls from the internet, which does not route to such an address: nothing arrives"
    " at this host."
)
_OTHER_WAY = (
    "The messages of this action arrive: then the platform reaches the host by another way, such"
    " as a VPN."
)
_PUBLIC = "Replace the action by one with a public address."
_READERS = "Everybody who may list the actions of the account can read it."


def _define(
    number: int, title: str, level: Level, basis: Basis, *texts: str, note: str = ""
) -> Definition:
    """Return a definition of a URL's fault, whose remedy is to replace the action."""
    why, refuted_by, remedy = texts
    references = (note,) if note else ()
    return Definition(
        number,
        title,
        level,
        basis,
        why,
        refuted_by,
        remedy,
        WindowCommand.REPLACE_ACTION,
        references=references,
    )


URLS = FindingGroup(
    "Forward URLs",
    (
        _define(
            1101,
            "The URL is malformed",
            Level.ERROR,
            Basis.DOCUMENTED,
            "No request can be sent to a URL that has no scheme, no valid host or no valid port.",
            "Messages of this action arrive.",
            "Replace the action by one with the right URL.",
            note="RFC 3986",
        ),
        _define(
            1102,
            "The URL contains a space or an invisible character",
            Level.ERROR,
            Basis.DOCUMENTED,
            "Such characters come from copied text and are no part of a URL. A program that does"
            " not refuse them requests another address than the one that is read.",
            "Messages of this action arrive.",
            "Replace the action by one with the URL typed again.",
            note="RFC 3986",
        ),
        _define(
            1103,
            "Messages travel unencrypted",
            Level.WARNING,
            Basis.DOCUMENTED,
            "Over http everybody on the way can read and change messages, and nothing shows that"
            " they reach the right server.",
            "The URL is reached through an encrypted tunnel only.",
            "Let the server answer https, and replace the action.",
        ),
        _define(
            1104,
            "The URL contains a user name or a password",
            Level.WARNING,
            Basis.DOCUMENTED,
            f"Whether the platform sends them is not documented. {_READERS}",
            "The endpoint gets requests with this log-in.",
            "Protect the endpoint by a path that cannot be guessed, or by a list of the platform's"
            " addresses, and change the password.",
        ),
        _define(
            1105,
            "The URL carries a secret in its query",
            Level.WARNING,
            Basis.INFERRED,
            f"{_READERS} Servers and gateways write URLs to their logs.",
            "The value is no secret.",
            "Move the secret to the path or to the callback data, and change it.",
        ),
        _define(
            1106,
            "The host means the caller's own computer",
            Level.ERROR,
            Basis.DOCUMENTED,
            "To the platform a loopback address is its own computer: nothing arrives here.",
            _OTHER_WAY,
            "Use the public address of a server, or of a tunnel which ends at this computer.",
            note="RFC 6890",
        ),
        _define(
            1107,
            "The host is in a private network",
            Level.ERROR,
            Basis.DOCUMENTED,
            _UNREACHABLE,
            _OTHER_WAY,
            _PUBLIC,
            note="RFC 1918, RFC 4193",
        ),
        _define(
            1108,
            "The host is a link-local address",
            Level.ERROR,
            Basis.DOCUMENTED,
            _UNREACHABLE,
            _OTHER_WAY,
            _PUBLIC,
            note="RFC 3927, RFC 4291",
        ),
        _define(
            1109,
            "The host is a cloud's metadata service",
            Level.ERROR,
            Basis.DOCUMENTED,
            f"{_UNREACHABLE} A forward to a metadata service is also a known way of attack.",
            _OTHER_WAY,
            f"Find out who created the action. {_PUBLIC}",
        ),
        _define(
            1110,
            "The host is behind carrier-grade NAT",
            Level.ERROR,
            Basis.DOCUMENTED,
            _UNREACHABLE,
            _OTHER_WAY,
            _PUBLIC,
            note="RFC 6598",
        ),
        _define(
            1111,
            "The host is reserved",
            Level.ERROR,
            Basis.DOCUMENTED,
            "Addresses and names for documentation, tests and multicast belong to no server.",
            _OTHER_WAY,
            _PUBLIC,
            note="RFC 2606, RFC 6890",
        ),
        _define(
            1112,
            "The host is a name of one network only",
            Level.ERROR,
            Basis.DOCUMENTED,
            "Names without a dot, or ending with .local, .internal and the like, are known in one"
            " network only: the platform cannot look them up.",
            _OTHER_WAY,
            "Replace the action by one with a public name.",
            note="RFC 6762, RFC 8375",
        ),
        _define(
            1113,
            "The host is an IP address",
            Level.NOTE,
            Basis.INFERRED,
            "Certificates for addresses are rare, and the action has to be replaced when the server"
            " moves.",
            "The address is fixed, and its certificate names it.",
            "Prefer a name.",
        ),
        _define(
            1114,
            "The port is unusual",
            Level.NOTE,
            Basis.INFERRED,
            "Whether the platform connects to every port is not documented, and firewalls often"
            " open port 443 only.",
            "Messages of this action arrive.",
            "Prefer port 443.",
        ),
        _define(
            1115,
            "Scheme and port do not fit",
            Level.WARNING,
            Basis.INFERRED,
            "Port 443 usually speaks https, and port 80 http.",
            "A forward test gets an answer.",
            "Replace the action by one with the right scheme.",
        ),
        _define(
            1116,
            "The URL has a fragment",
            Level.WARNING,
            Basis.DOCUMENTED,
            "The part after # is never sent to a server.",
            "The endpoint does not need that part.",
            "Replace the action by one without it. A # that is meant is written %23.",
            note="RFC 3986",
        ),
        _define(
            1117,
            "The host mixes alphabets",
            Level.WARNING,
            Basis.INFERRED,
            "Letters of several alphabets that look alike make a name that people take for another:"
            " deceptive names do this.",
            "The owner of the host confirms its spelling.",
            "Type the host again, and compare.",
            note="Unicode TS 39",
        ),
        _define(
            1118,
            "The host looks like another one of this account",
            Level.WARNING,
            Basis.INFERRED,
            "Two hosts that differ by one character are often a typing error, or a trap.",
            "Both hosts exist and belong to the customer.",
            "Compare the hosts letter by letter.",
        ),
        _define(
            1119,
            "The host has letters beyond a to z",
            Level.NOTE,
            Basis.INFERRED,
            "How the platform encodes such names is not documented.",
            "Messages of this action arrive.",
            "Write the host as its A-label, beginning with xn--.",
            note="RFC 5890",
        ),
        _define(
            1120,
            "The URL is longer than 512 characters",
            Level.WARNING,
            Basis.INFERRED,
            "The limit for forward URLs is not documented; a similar field of the platform holds"
            " 512 characters. A URL that is cut leads elsewhere.",
            "The platform lists the URL in full, and messages arrive.",
            "Use a shorter URL.",
        ),
        _define(
            1121,
            "The host is a tunnel",
            Level.WARNING,
            Basis.INFERRED,
            "Tunnels are made for tests. Many get a new address at every start: messages to the"
            " former address are lost, or go to whom it was given since.",
            "The tunnel is in use, and has a fixed address.",
            "Replace the action by one with the final URL.",
        ),
        _define(
            1122,
            "The host is a public request bin",
            Level.WARNING,
            Basis.INFERRED,
            "Everybody who has the address can read what arrives there, customers' messages"
            " included.",
            "The bin is private.",
            "Replace the action, and delete what the bin holds.",
        ),
        _define(
            1123,
            "A productive account forwards to a host for tests",
            Level.WARNING,
            Basis.INFERRED,
            "The name of the host looks like one for tests, so customers' messages may end there"
            " instead of in the productive system.",
            "The host is the productive one despite its name.",
            "Ask the customer which host is right.",
        ),
        _define(
            1124,
            "The URL ends or begins as copied text does",
            Level.WARNING,
            Basis.INFERRED,
            "Punctuation at the end, quotation marks and backslashes come from the sentence that"
            " the URL was copied from, and lead to another path.",
            "The endpoint has exactly this path.",
            "Replace the action by one without these characters.",
        ),
        _define(
            1125,
            "The host is spelled unusually",
            Level.WARNING,
            Basis.INFERRED,
            "Some programs refuse hosts with an underscore, a dot at the end, or numbers in another"
            " notation than that of IP addresses.",
            "Messages of this action arrive.",
            "Use the usual spelling of the host.",
        ),
        _define(
            1126,
            "The URL has no path",
            Level.NOTE,
            Basis.DOCUMENTED,
            "Forwards carry no signature, so only a path that cannot be guessed keeps others from"
            " posting messages here.",
            "The endpoint is protected by a list of the platform's addresses.",
            "Use a path that cannot be guessed.",
        ),
        _define(
            1127,
            "The sandbox does not reach the host",
            Level.WARNING,
            Basis.DOCUMENTED,
            "The sandbox runs on this computer and forwards nowhere else.",
            "The account is not the sandbox.",
            "Use the address of the listener on this computer.",
        ),
    ),
)
