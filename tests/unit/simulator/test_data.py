from ibconsole.simulator import data


def test_applications_are_believable_and_of_the_documented_shape() -> None:
    """Names, languages and sizes as they occur; every field of the contract."""
    made = data.applications(1, 60)

    assert all(
        set(one)
        == {
            "applicationCode",
            "applicationId",
            "name",
            "description",
            "registrationsCount",
            "apns",
            "gcm",
        }
        for one in made
    )
    assert len({one["name"] for one in made}) == len({one["applicationCode"] for one in made}) == 60
    assert any(not one["name"].isascii() for one in made)
    assert {0} < {one["registrationsCount"] for one in made}


def test_the_same_seed_makes_the_same_account() -> None:
    """A demo looks the same tomorrow, and a longer one begins like a shorter one."""
    assert data.applications(7, 3) == data.applications(7, 5)[:3]
    assert data.applications(7, 3) != data.applications(8, 3)
    assert data.actions(7, 0) == data.actions(7, 0)


def test_forwards_stay_on_this_machine() -> None:
    """No action of the sandbox points at anybody else."""
    for index in range(40):
        for action in data.actions(1, index) or []:
            assert action.get("forwardUrl", "http://127.0.0.1").startswith("http://127.0.0.1")
