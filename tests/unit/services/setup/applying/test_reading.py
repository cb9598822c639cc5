import asyncio

import pytest

from ibconsole.api.platform import Platform
from ibconsole.errors import UserError
from ibconsole.model import Action, Application, Configuration
from ibconsole.services.documents import InvalidDocument
from ibconsole.services.setup import read_route
from ibconsole.services.setup.applying.reading import read_account, resolve
from ibconsole.services.setup.inbound_route import RouteNotRead
from tests.unit.services.setup.applying.setups import PULL, application, file_of, route, wanted

ACCOUNT = [
    application("Shop", "code-1", "id-1"),
    application("Bank", "code-2", "id-2"),
    application("Bank", "code-3", "id-3"),
    application("Broken", "", "id-4"),
    application("", "code-5", "id-5"),
]


class Account:
    """An account of many applications that counts how many are read at the same time."""

    def __init__(self, names: list[str], broken: str = "") -> None:
        self._names, self._broken = names, broken
        self.under_way = self.most = self.calls = 0

    async def applications(self) -> list[Application]:
        return [application(name, f"code-{name}") for name in self._names]

    async def configurations(self, code: str) -> list[Configuration]:
        self.under_way += 1
        self.calls += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0)
        self.under_way -= 1
        if code == f"code-{self._broken}":
            raise UserError("It is away.")
        return [Configuration(key=code, raw={"key": code})]

    async def actions(self, code: str, key: str) -> list[Action]:
        return list(route(PULL).configurations[0].actions)


def problems(*applications: object) -> list[str]:
    with pytest.raises(InvalidDocument) as raised:
        resolve(file_of(*applications), ACCOUNT)  # type: ignore[arg-type]
    return str(raised.value).splitlines()


def test_applications_are_found_by_name_id_and_code() -> None:
    """A name alone is enough where it is unique; an ID or a code finds one without a name."""
    file = file_of(
        wanted("Shop", []),
        wanted("Bank", [], id="id-3"),
        wanted("Bank", [], code="code-2"),
        wanted("", [], id="id-5"),
    )

    found = resolve(file, ACCOUNT)

    assert [one.application.code for one in found] == ["code-1", "code-3", "code-2", "code-5"]
    assert [one.wanted for one in found] == list(file.applications)


def test_every_application_that_is_not_found_is_named_with_its_place() -> None:
    """All errors are listed, each with what may help."""
    assert problems(
        wanted("Shp", [], 1),
        wanted("Bank", [], 2),
        wanted("Shop", [], 3, id="id-9"),
        wanted("Shopp", [], 4, id="id-2"),
        wanted("Shop", [], 5, code="code-9"),
        wanted("Broken", [], 6),
        wanted("Something else", [], 7),
    ) == [
        "setup.yaml:1:3: the account has no application “Shp”: is it “Shop”?",
        "setup.yaml:2:3: the account has 2 applications “Bank”: add the `id` of one (id-2, id-3)",
        "setup.yaml:3:3: the account has no application “Shop” with the ID id-9: the one of this"
        " name has the ID id-1",
        "setup.yaml:4:3: the account has no application “Shopp” with the ID id-2: the one with"
        " this ID is “Bank”",
        "setup.yaml:5:3: the account has no application “Shop” with this code",
        "setup.yaml:6:3: the account lists “Broken” without a code, so it cannot be changed",
        "setup.yaml:7:3: the account has no application “Something else”",
    ]


def test_applications_of_one_name_and_id_need_a_code() -> None:
    """An ID that does not tell two applications apart is not asked for."""
    twins = [application("A", "code-1", "id"), application("A", "code-2", "id")]

    with pytest.raises(InvalidDocument, match="2 applications “A”: add the `code` of one"):
        resolve(file_of(wanted("A", [])), twins)


def test_an_application_is_named_once() -> None:
    """Two entries for one application, by its name and by its ID, are an error of the second."""
    [line] = problems(wanted("Shop", [], 1), wanted("", [], 8, id="id-1"))

    assert line.startswith("setup.yaml:8:3: this is the application of line 1 once more")


def test_an_application_that_is_listed_twice_is_one() -> None:
    """A platform that repeats an application in its list makes it not ambiguous."""
    [found] = resolve(file_of(wanted("Shop", [])), [*ACCOUNT, *ACCOUNT[:1]])

    assert found.application.code == "code-1"


async def test_routes_of_the_named_applications_are_read(platform: Platform) -> None:
    """One list of applications, and the routes of those that the file names."""
    first, second = (await platform.applications())[:2]
    file = file_of(wanted(second.name, []), wanted(first.name, []))

    state = await read_account(platform, file)

    assert state.routes == {
        one.code: await read_route(platform, one.code) for one in (second, first)
    }
    assert [one.application.code for one in state.resolved] == [second.code, first.code]


async def test_many_applications_are_read_at_the_same_time_with_progress() -> None:
    """The account's rate is used up; the progress counts applications."""
    account, seen = Account([str(number) for number in range(30)]), list[tuple[int, int]]()
    file = file_of(*(wanted(str(number), []) for number in range(25)))

    state = await read_account(account, file, lambda *counts: seen.append(counts))

    assert len(state.routes) == 25
    assert (account.calls, account.most) == (25, 10)
    assert seen == [(number, 25) for number in range(1, 26)]


async def test_nothing_is_read_for_a_file_that_does_not_fit() -> None:
    """An unknown application is found before the routes are read."""
    account = Account(["A"])

    with pytest.raises(InvalidDocument):
        await read_account(account, file_of(wanted("A", []), wanted("B", [])))
    assert account.calls == 0


async def test_a_route_that_cannot_be_read_ends_the_reading() -> None:
    """The sentence names the application, and the rest is not asked for."""
    account = Account([str(number) for number in range(30)], broken="0")
    file = file_of(*(wanted(str(number), []) for number in range(30)))

    with pytest.raises(RouteNotRead, match=r"The setup of “0” could not be read.*It is away\."):
        await read_account(account, file)
    assert account.calls == 10


async def test_no_application_is_no_error() -> None:
    """A file that names no application reads the list alone."""
    assert (await read_account(Account([]), file_of())).routes == {}
