"""The proxy of a URL, as the environment chooses it: the only place that reads its variables.

The client, the forward test and the doctor all ask `choose_proxy`, so that each of them does what
the others say. An entry that cannot be read is passed over and named; the rest is used.
"""

from ibconsole.proxies.address import Proxy
from ibconsole.proxies.choice import ProxyChoice, VariableVerdict, choose_proxy

__all__ = ["Proxy", "ProxyChoice", "VariableVerdict", "choose_proxy"]
