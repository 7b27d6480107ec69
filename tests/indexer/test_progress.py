"""
Rates and the time that is left.
"""

from dataclasses import replace

import pytest

from indexer.progress import Meter, Progress, duration, line
from tests.indexer.conftest import Clock

HALF = Progress(chain_id=1, first=101, at=150, target=200, events=1_000, seconds=5, what="history")
NOTHING_YET = replace(HALF, at=100, events=0, seconds=0)


class TestProgress:
    def test_counts_blocks_from_the_first(self) -> None:
        assert (HALF.blocks, HALF.total, HALF.share) == (50, 100, 0.5)

    def test_knows_its_speed(self) -> None:
        assert (HALF.blocks_per_second, HALF.events_per_second) == (10, 200)

    def test_tells_what_is_left_at_that_speed(self) -> None:
        assert HALF.seconds_left == 5

    def test_does_not_guess_before_anything_is_read(self) -> None:
        assert NOTHING_YET.blocks_per_second == 0
        assert NOTHING_YET.seconds_left is None

    def test_is_over_at_the_target(self) -> None:
        over = replace(HALF, at=200)

        assert over.is_over
        assert over.seconds_left == 0

    def test_is_whole_where_there_is_nothing_to_read(self) -> None:
        assert replace(HALF, first=201, at=200, target=200).is_over

    def test_says_all_of_it_in_a_line(self) -> None:
        assert line(HALF) == (
            "chain 1, history: block 150 of 200 (50.0%), 10 blocks/s, 200 events/s, 0:05 left"
        )


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "–"), (0, "0:00"), (61.4, "1:01"), (3_723, "1:02:03")]
)
def test_a_duration_in_digits(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


class TestMeter:
    def test_reports_a_long_reading_from_its_first_block(self) -> None:
        told, clock = [], Clock()
        meter = Meter(1, "history", told.append, read_to=100, clock=clock)

        clock.now += 2
        meter.moved(300, 500, 40)
        clock.now += 2
        meter.moved(500, 500, 10)

        half, whole = told
        assert (half.first, half.at, half.target, half.blocks_per_second) == (101, 300, 500, 100)
        assert (whole.events, whole.seconds, whole.is_over) == (50, 4, True)

    def test_is_silent_at_the_head(self) -> None:
        told: list[Progress] = []
        meter = Meter(1, "history", told.append, read_to=100)

        meter.moved(101, 101, 1)
        meter.moved(103, 104, 1)

        assert told == []

    def test_begins_anew_when_it_fell_behind_again(self) -> None:
        told: list[Progress] = []
        meter = Meter(1, "history", told.append, read_to=100)
        meter.moved(300, 300, 5)
        meter.moved(301, 301, 1)

        meter.moved(600, 600, 7)

        assert [(one.first, one.events) for one in told] == [(101, 5), (302, 7)]
