"""The states of a pin and the health of a content: every pair of the table, nothing else."""

import itertools
from datetime import timedelta

import pytest

from media.pinning import (
    HEALTHS,
    MOVES,
    SEEN,
    SENT_PATIENCE,
    STATES,
    PinState,
    are_kept,
    health_of,
    is_overdue,
    patience,
    step,
)
from tests.media.conftest import NOON

TABLE = """
           want     send    accept   take_its_word read      fail    give_up miss    lose let_go   remove
wanted     .        sent    pinned   pinned        read_back .       failed  .       .    unwanted .
sent       .        .       pinned   pinned        read_back wanted  failed  .       .    unwanted .
pinned     .        sent    .        .             read_back wanted  failed  at_risk .    unwanted .
read_back  .        .       .        .             .         .       .       at_risk .    unwanted .
at_risk    .        .       .        pinned        read_back .       .       .       lost unwanted .
lost       .        at_risk at_risk  pinned        read_back .       .       .       .    unwanted .
failed     wanted   sent    pinned   pinned        read_back .       .       .       .    unwanted .
unwanted   wanted   .       .        .             .         .       .       .       .    .        removed
removed    wanted   .       .        .             .         .       .       .       .    .        .
"""  # noqa: E501


def expected():
    head, *lines = [line.split() for line in TABLE.strip().splitlines()]
    return {
        (line[0], seen): line[0] if after == "." else after
        for line in lines
        for seen, after in zip(head, line[1:], strict=True)
    }


class TestStep:
    @pytest.mark.parametrize(("state", "seen"), list(itertools.product(STATES, SEEN)))
    def test_goes_where_the_table_says(self, state, seen):
        assert step(state, seen) == expected()[state, seen]

    def test_has_a_line_for_every_state_and_reaches_each(self):
        reached = {after for moves in MOVES.values() for after in moves.values()}

        assert set(MOVES) == set(STATES)
        assert reached == set(STATES)

    def test_reaches_read_back_by_a_reading_alone(self):
        into = {
            seen
            for moves in MOVES.values()
            for seen, after in moves.items()
            if after == "read_back"
        }

        assert into == {"read"}

    def test_never_leaves_unwanted_but_by_a_wish_or_the_end(self):
        assert set(MOVES["unwanted"]) == {"want", "remove"}


class TestHealth:
    @pytest.mark.parametrize(
        ("states", "wanted", "health"),
        [
            (["wanted"], 1, ("coming", 0)),
            (["read_back"], 1, ("kept", 1)),
            (["read_back", "wanted"], 2, ("coming", 1)),
            (["read_back", "failed"], 2, ("coming", 1)),
            (["read_back", "at_risk"], 2, ("at_risk", 1)),
            (["read_back", "at_risk"], 1, ("kept", 1)),
            (["read_back", "lost"], 2, ("at_risk", 1)),
            (["at_risk", "at_risk"], 2, ("at_risk", 0)),
            (["at_risk", "lost"], 2, ("lost", 0)),
            (["pinned", "read_back"], 2, ("coming", 1)),
            (["read_back", "read_back", "at_risk"], 2, ("kept", 2)),
            ([], 1, ("coming", 0)),
        ],
    )
    def test_counts_what_was_read_alone(self, states, wanted, health):
        assert health_of(states, wanted=wanted) == health
        assert health[0] in HEALTHS


def pins(**states):
    return [PinState("a", store, state, 0, None) for store, state in states.items()]


class TestReplicas:
    @pytest.mark.parametrize(
        ("found", "replicas", "is_enough"),
        [
            (pins(embedded="read_back", kubo="read_back", vault="wanted"), 2, True),
            (pins(embedded="read_back", kubo="pinned", vault="wanted"), 2, False),
            (pins(embedded="wanted", kubo="read_back", vault="read_back"), 2, False),
            (pins(embedded="read_back", kubo="at_risk", vault="read_back"), None, False),
            (pins(embedded="read_back", kubo="read_back", vault="read_back"), None, True),
            (pins(embedded="read_back"), 1, True),
        ],
    )
    def test_asks_for_so_many_and_always_for_the_embedded_one(self, found, replicas, is_enough):
        stores = ["embedded", "kubo", "vault"]

        assert are_kept(found, cids=["a"], stores=stores, replicas=replicas) is is_enough


def test_gives_a_place_time_by_size():
    assert patience(0) == 60
    assert patience(128 * 1024 * 100) == 160


def test_lets_a_place_fetch_for_an_hour():
    assert not is_overdue(NOON, NOON + SENT_PATIENCE)
    assert is_overdue(NOON, NOON + SENT_PATIENCE + timedelta(seconds=1))
