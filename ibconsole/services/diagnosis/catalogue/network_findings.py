"""IBC-12xx: names, addresses and connections. IBC-13xx: TLS and certificates."""

from ibconsole.services.diagnosis.catalogue.definition import (
    Definition,
    FindingGroup,
    WindowCommand,
)
from ibconsole.services.diagnosis.catalogue.finding import Basis, Level

_ELSEWHERE = (
    "Seen from this computer. The platform may see it otherwise, such as by another resolver or"
    " another way through the internet."
)
_ARRIVING = "Messages of this action arrive."
_TRUST = (
    "Which certificates the platform accepts is not documented; one that is not valid for everybody"
    " is likely to be refused."
)


def _observed(number: int, title: str, level: Level, why: str, remedy: str) -> Definition:
    """Return a definition of a fault that a probe from this computer has shown."""
    return Definition(
        number,
        title,
        level,
        Basis.OBSERVED,
        f"{why} {_ELSEWHERE}",
        _ARRIVING,
        remedy,
        WindowCommand.FORWARD_TEST,
    )


def _certificate(number: int, title: str, level: Level, why: str, remedy: str) -> Definition:
    """Return a definition of a certificate's fault."""
    return Definition(
        number,
        title,
        level,
        Basis.OBSERVED,
        f"{why} {_TRUST}",
        _ARRIVING,
        remedy,
        WindowCommand.FORWARD_TEST,
        references=("RFC 5280",),
    )


NETWORK = FindingGroup(
    "Names and connections",
    (
        _observed(
            1201,
            "There is no such name",
            Level.ERROR,
            "The host has no address, so no request can be sent to it.",
            "Correct the host in the action, or the entry in the name servers.",
        ),
        _observed(
            1202,
            "The name could not be looked up",
            Level.WARNING,
            "The name servers gave no answer: either they fail, or this computer's network does.",
            "Try again, and look the name up elsewhere.",
        ),
        _observed(
            1203,
            "The name has private addresses only",
            Level.ERROR,
            "The name leads into a private network, which the internet does not reach. Name servers"
            " may answer differently inside and outside of a network.",
            "Publish a public address for the name, or use a public name.",
        ),
        _observed(
            1204,
            "Some addresses of the name are private",
            Level.WARNING,
            "Requests to the private addresses fail, so deliveries fail from time to time.",
            "Remove the private addresses from the public name servers.",
        ),
        _observed(
            1205,
            "The name has IPv6 addresses only",
            Level.WARNING,
            "All published networks of the platform are IPv4. Whether it connects over IPv6 is not"
            " documented.",
            "Add an IPv4 address.",
        ),
        _observed(
            1206,
            "The connection is refused",
            Level.ERROR,
            "The host answers, and has no server at this port.",
            "Start the server, or correct the port in the action.",
        ),
        _observed(
            1207,
            "The host does not answer",
            Level.ERROR,
            "No connection came about. The host is down, or a firewall drops what comes from here.",
            "Check that the server runs, and that its firewall admits the platform's addresses.",
        ),
        _observed(
            1208,
            "The connection is cut at its beginning",
            Level.ERROR,
            "A firewall or a load balancer cuts the connection before any request.",
            "Check the firewall and the health of the servers behind the load balancer.",
        ),
        _observed(
            1209,
            "Some addresses of the host do not answer",
            Level.WARNING,
            "A sender that takes one of these addresses fails, so deliveries fail from time to"
            " time.",
            "Remove these addresses from the name servers, or repair the servers.",
        ),
        _observed(
            1210,
            "The proxy of this computer is in the way",
            Level.NOTE,
            "The probe did not get past the proxy that the environment names, which the platform"
            " does not use. So nothing is known about the endpoint.",
            "Add the host to NO_PROXY, or probe from another network.",
        ),
    ),
)

TLS = FindingGroup(
    "TLS and certificates",
    (
        _observed(
            1301,
            "The port does not speak TLS",
            Level.ERROR,
            "The URL begins with https, and the server does not answer TLS at this port.",
            "Correct the scheme or the port in the action, or switch TLS on.",
        ),
        _observed(
            1302,
            "The server takes old versions of TLS only",
            Level.WARNING,
            "TLS 1.0 and 1.1 are withdrawn (RFC 8996). Senders of today refuse them.",
            "Let the server take TLS 1.2 and 1.3.",
        ),
        _observed(
            1303,
            "The TLS handshake fails",
            Level.ERROR,
            "The server ends the handshake, or does not complete it.",
            "Look at the server's log; compare its versions, ciphers and the name that it expects.",
        ),
        _observed(
            1304,
            "The server wants a client certificate",
            Level.ERROR,
            "That the platform has a client certificate for forwards is not documented.",
            "Do not require one at this path.",
        ),
        _certificate(
            1305,
            "The certificate has expired",
            Level.ERROR,
            "A certificate is not valid after its end.",
            "Renew the certificate, and find out why it was not renewed by itself.",
        ),
        _certificate(
            1306,
            "The certificate is not valid yet",
            Level.ERROR,
            "A certificate is not valid before its beginning; or the clock of this computer is"
            " wrong.",
            "Check the clock of this computer, then the certificate.",
        ),
        _certificate(
            1307,
            "The certificate is for another name",
            Level.ERROR,
            "The names in the certificate do not include the host of the URL.",
            "Use a name of the certificate in the URL, or get a certificate for this host.",
        ),
        _certificate(
            1308,
            "An intermediate certificate is missing",
            Level.ERROR,
            "The server does not send the whole chain. Browsers complete it by themselves, other"
            " programs do not: it works in a browser and fails for the platform.",
            "Install the full chain on the server, as the authority provides it.",
        ),
        _certificate(
            1309,
            "The authority of the certificate is not generally trusted",
            Level.ERROR,
            "The certificate comes from an authority that others do not know, as of a company.",
            "Get a certificate from a public authority.",
        ),
        _certificate(
            1310,
            "The certificate is self-signed",
            Level.ERROR,
            "The server vouches for itself.",
            "Get a certificate from a public authority.",
        ),
        _observed(
            1311,
            "TLS is intercepted between here and the server",
            Level.NOTE,
            "A proxy or a protection program of this network shows its own certificate. So nothing"
            " is known about that of the server.",
            "Probe from another network.",
        ),
        _certificate(
            1312,
            "The certificate expires soon",
            Level.WARNING,
            "Less than 21 days are left. Certificates that are renewed by themselves are usually"
            " renewed earlier.",
            "Renew the certificate, and check that its renewal runs.",
        ),
        _observed(
            1313,
            "TLS fails at some addresses",
            Level.WARNING,
            "A sender that takes one of these addresses fails, so deliveries fail from time to"
            " time.",
            "Compare certificates and settings of all servers behind the name.",
        ),
        _certificate(
            1314,
            "The certificate is weak or broken",
            Level.ERROR,
            "The certificate breaks a rule that most programs check.",
            "Get a new certificate.",
        ),
    ),
)
