from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.model import Action, ActionDraft
from ibconsole.secret import MASK
from ibconsole.services.setup.applying.matching import match_actions
from ibconsole.services.setup.files import WantedAction, matches


def forward(url: str, data: str = "") -> ActionDraft:
    return ActionDraft(type="HTTP_FORWARD", forward_url=url, callback_data=data)


def existing(draft: ActionDraft, key: str = "k") -> Action:
    return Action(
        key=key,
        type=draft.type,
        forward_url=draft.forward_url,
        callback_data=draft.callback_data,
        raw={},
    )


PULL = ActionDraft(type="PULL")


def test_equal_actions_are_counted() -> None:
    """Two equal wanted actions need two existing ones."""
    wanted = [WantedAction(PULL), WantedAction(PULL), WantedAction(forward("u"))]

    found = match_actions(wanted, [existing(PULL), existing(forward("v"))])

    assert (found.pairs, found.missing, found.extra) == (((0, 0),), (1, 2), (1,))


def test_an_equal_action_is_no_partner_of_a_masked_one() -> None:
    """A masked value takes what whole values leave."""
    wanted = [WantedAction(forward(f"https://a?k={MASK}")), WantedAction(forward("https://a?k=1"))]

    both = match_actions(
        wanted, [existing(forward("https://a?k=1")), existing(forward("https://a?k=2"))]
    )
    one = match_actions(wanted, [existing(forward("https://a?k=1"))])

    assert both.pairs == ((0, 1), (1, 0))
    assert (one.pairs, one.missing) == (((1, 0),), (0,))


def test_many_masked_actions_are_paired_in_a_moment() -> None:
    """A file with many equal masked actions, and more than exist, does not hang."""
    wanted = [WantedAction(forward(f"https://a?k={MASK}"))] * 150

    found = match_actions(wanted, [existing(forward(f"https://a?k={n}")) for n in range(149)])

    assert (len(found.pairs), len(found.missing), found.extra) == (149, 1, ())


URLS = st.sampled_from(["https://a?k=1&l=1", "https://a?k=1&l=2", "https://a?k=2&l=1"])
MASKED = st.sampled_from(
    [f"https://a?k={MASK}&l=1", f"https://a?k=1&l={MASK}", f"https://a?k={MASK}&l={MASK}"]
)


@settings(max_examples=25)
@given(st.lists(URLS | MASKED, max_size=3), st.lists(URLS, max_size=3))
def test_as_many_pairs_are_found_as_there_can_be(wanted: list[str], actual: list[str]) -> None:
    """Every pair fits, no action is used twice, and no other choice of pairs has more."""
    drafts = [WantedAction(forward(one)) for one in wanted]
    actions = [existing(forward(one)) for one in actual]

    found = match_actions(drafts, actions)

    firsts, seconds = [one for one, _ in found.pairs], [other for _, other in found.pairs]
    assert all(matches(drafts[index], actions[other]) for index, other in found.pairs)
    assert sorted((*firsts, *found.missing)) == [*range(len(wanted))]
    assert sorted((*seconds, *found.extra)) == [*range(len(actual))]
    none: list[int | None] = [None] * len(wanted)
    assert len(found.pairs) == max(
        sum(
            other is not None and matches(drafts[index], actions[other])
            for index, other in enumerate(chosen)
        )
        for chosen in permutations([*range(len(actual)), *none], len(wanted))
    )
