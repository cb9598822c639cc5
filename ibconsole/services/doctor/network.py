"""Checks of the way to the platform: the proxy environment, and a try for each base URL.

They use what requests use: the same choice of a proxy, the same certificates, the same errors.
The try is a HEAD without a credential, so that any answer at all shows that the way is open.
"""

import asyncio
from collections.abc import Mapping, Sequence

from ibconsole.api import ApiError, HttpTransport
from ibconsole.errors import UserError
from ibconsole.proxies import ProxyChoice, choose_proxy
from ibconsole.services.doctor.checks import ComputerCheck

TRY_TIMEOUT = 15.0  # seconds for one base URL
# Stands for every https URL where no connection was saved; nothing is sent to it.
_ANY = "https://api.infobip.com"


def check_proxies(base_urls: Sequence[str] = ()) -> ComputerCheck:
    """Name each variable of the proxy environment, with what becomes of it for each base URL.

    Without a base URL the verdicts are those for any https URL.
    """
    choices = {url: choose_proxy(url) for url in base_urls if url.startswith(("http:", "https:"))}
    choices = choices or {_ANY: choose_proxy(_ANY)}
    verdicts: dict[str, list[str]] = {}
    for url, choice in choices.items():
        for verdict in choice.verdicts:
            verdicts.setdefault(str(verdict), []).append(url)
    sentences = [
        sentence if len(urls) == len(choices) else f"For {', '.join(urls)}: {sentence}"
        for sentence, urls in verdicts.items()
    ]
    good = not any(choice.problem for choice in choices.values())
    if not sentences:
        sentences = ["no variable names one; requests go straight to the platform."]
    if not good:
        sentences.append("Where no variable for a URL can be used, nothing is sent.")
    return ComputerCheck("Proxy", good=good, sentence=" ".join(sentences))


async def try_base_urls(
    connections: Mapping[str, str],
    timeout: float = TRY_TIMEOUT,  # noqa: ASYNC109 a time-out is a result
) -> Sequence[ComputerCheck]:
    """Try to reach the base URL of each connection, by name, all at the same time.

    A try that takes longer than `timeout` seconds is a failed check.
    """
    names: dict[str, list[str]] = {}
    for name, url in connections.items():
        names.setdefault(url, []).append(name)
    tries = (_try(url, ", ".join(of_url), timeout) for url, of_url in names.items())
    return await asyncio.gather(*tries)


async def _try(base_url: str, names: str, timeout: float) -> ComputerCheck:  # noqa: ASYNC109 as above
    title = f"Platform ({names})"
    try:
        transport = HttpTransport(base_url)
        way = _describe(choose_proxy(transport.base_url))
        async with asyncio.timeout(timeout):
            try:
                status = await transport.reach(timeout)
            finally:
                await transport.aclose()
    except TimeoutError:
        sentence = f"{base_url} gave no answer within {timeout:.0f} s. Check your network."
        return ComputerCheck(title, good=False, sentence=sentence)
    except (ApiError, UserError) as error:
        return ComputerCheck(title, good=False, sentence=str(error))
    sentence = f"{base_url} answers ({status}, without a credential), {way}."
    return ComputerCheck(title, good=True, sentence=sentence)


def _describe(choice: ProxyChoice) -> str:
    if choice.proxy:
        return f"through the proxy {choice.proxy}"
    return f"reached directly: {choice.reason}"
