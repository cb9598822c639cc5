from ibconsole.model.application import Action, Configuration, read_application
from ibconsole.services.setup.cache import SetupCache
from ibconsole.ui.palette.setup_search import SetupSearch


def test_the_setup_is_searched_by_every_field() -> None:
    """Applications match by name, code, ID and description; actions by URL; configurations by key.

    Selecting a result leads to the application and, for an action, to the action.
    """
    cache = SetupCache()
    raw = {"applicationCode": "code-1", "applicationId": "id-1", "name": "Bora Bank"}
    bank = read_application({**raw, "description": "Savings"})
    cache.store_applications([bank], 1)
    cache.store_configurations("code-1", [Configuration(key="conf-9", raw={})], 1)
    action = Action(
        key="act-7", type="HTTP_FORWARD", forward_url="https://hooks.example.com", callback_data="",
        raw={},
    )  # fmt: skip
    cache.store_actions("code-1", "conf-9", [action], 1)
    visited: list[tuple[str, str]] = []
    search = SetupSearch(cache, lambda application, key: visited.append((application.name, key)))

    def titles(text: str) -> list[str]:
        return [result.title for result in search.search(text, 9)]

    assert titles("") == []
    for text in ("bora", "code-1", "ID-1", "savings", "bank sav"):
        assert titles(text) == ["Bora Bank"]
    assert titles("conf-9") == ["conf-9"]
    assert titles("hooks") == ["https://hooks.example.com"]
    for text in ("bora", "act-7"):
        search.search(text, 9)[0].go()
    assert visited == [("Bora Bank", ""), ("Bora Bank", "act-7")]
    assert "code-1" not in search.search("bora", 9)[0].subtitle


def test_the_best_of_thousands_come_first() -> None:
    """No more results than the limit are made, the best of all first; initials match names."""
    cache = SetupCache()
    names = [*(f"Bank of the {number}" for number in range(5000)), "The Bank", "Bank"]
    cache.store_applications(
        [read_application({"applicationCode": f"{n}", "name": n}) for n in names], 1
    )
    search = SetupSearch(cache, lambda application, key: None)

    results = search.search("the bank", 5)

    assert results[0].title == "The Bank"
    assert len(results) == 5
    assert [one.title for one in search.search("bot", 2)] == ["Bank of the 0", "Bank of the 1"]
