"""Headers that tunnels and reverse proxies add to a request on its way, and what they say.

They are no part of the sender's request. A tunnel may also have changed the order and the case of
the others, the framing and the version of HTTP.
"""

from collections.abc import Iterable
from ipaddress import ip_address

# The name of a header, or of a group of them with a dash at its end, in lower case.
_ADDED = {
    "ngrok-": "ngrok",
    "x-ngrok-": "ngrok",
    "cf-": "Cloudflare",
    "cdn-loop": "Cloudflare",
    "x-amzn-": "AWS",
    "x-amz-cf-": "AWS",
    "cloudfront-": "AWS",
    "x-azure-": "Azure",
    "x-arr-": "Azure",
    "x-appservice-": "Azure",
    "x-ms-tunnel-": "Dev Tunnels",
    "x-original-host": "",
    "x-original-proto": "",
    "x-original-for": "",
    "x-appengine-": "Google",
    "x-cloud-trace-context": "Google",
    "tailscale-": "Tailscale",
    "fly-": "Fly",
    "fastly-": "Fastly",
    "x-vercel-": "Vercel",
    "x-envoy-": "Envoy",
    "x-akamai-": "Akamai",
    "true-client-ip": "",
    "x-forwarded-": "",
    "x-real-ip": "",
    "x-client-ip": "",
    "x-cluster-client-ip": "",
    "x-scheme": "",
    "forwarded": "",
    "via": "",
}
_SOURCES = ("cf-connecting-ip", "true-client-ip", "x-real-ip", "x-client-ip", "x-forwarded-for")
_UNKNOWN = "a proxy"


def is_tunnel_header(name: str) -> bool:
    """Return whether a header of this name is added on the way."""
    return _entry(name) is not None


def name_tunnel(names: Iterable[str]) -> str:
    """Return the name of the tunnel that adds these headers; "" if none is among them."""
    found = [_ADDED[entry] for name in names if (entry := _entry(name)) is not None]
    if not found:
        return ""
    return next((name for name in found if name), _UNKNOWN)


def source_of(headers: Iterable[tuple[str, str]]) -> str:
    """Return the address of the sender as the tunnel says it; "" if it does not."""
    values = {name.lower(): value for name, value in headers}
    for name in _SOURCES:
        text = values.get(name, "").partition(",")[0].strip().strip("[]")
        try:
            return str(ip_address(text))
        except ValueError:
            continue
    return ""


def _entry(name: str) -> str | None:
    lower = name.lower()
    if lower in _ADDED:
        return lower
    groups = (entry for entry in _ADDED if entry.endswith("-"))
    return next((entry for entry in groups if lower.startswith(entry)), None)
