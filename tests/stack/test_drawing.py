"""
Progress on a terminal, in a log, and as JSON.
"""

import io
import json
from dataclasses import replace

from api.cli.drawing import Drawing, drawn
from indexer.progress import Progress
from tests.indexer.conftest import Clock

HALF = Progress(chain_id=1, first=1, at=50, target=100, events=500, seconds=5, what="history")
WHOLE = replace(HALF, at=100)


class Terminal(io.StringIO):
    """Somebody looks."""

    def isatty(self) -> bool:
        return True


class TestLines:
    def test_come_every_five_seconds(self) -> None:
        out, clock = io.StringIO(), Clock()
        drawing = Drawing(out, None, as_json=False, clock=clock)

        drawing.report(HALF)
        clock.now += 4
        drawing.report(HALF)
        clock.now += 1
        drawing.report(HALF)

        assert out.getvalue().splitlines() == [
            "chain 1, history: block 50 of 100 (50.0%), 10 blocks/s, 100 events/s, 0:05 left"
        ]

    def test_end_with_the_whole(self) -> None:
        out = io.StringIO()

        Drawing(out, None, as_json=False).report(WHOLE)

        assert "100 of 100 (100.0%)" in out.getvalue()

    def test_are_json_where_that_is_asked_for(self) -> None:
        out = io.StringIO()

        with drawn(as_json=True, stream=out) as drawing:
            drawing.report(WHOLE)

        assert json.loads(out.getvalue()) == {
            "chain_id": "1",
            "what": "history",
            "first": "1",
            "at": "100",
            "target": "100",
            "events": 500,
            "seconds": 5,
            "blocks_per_second": 20.0,
            "events_per_second": 100.0,
            "seconds_left": 0.0,
        }


class TestBars:
    def test_show_rate_and_time_left(self) -> None:
        out = Terminal()

        with drawn(as_json=False, stream=out) as drawing:
            drawing.report(HALF)

        assert "chain 1, history" in out.getvalue()
        assert "50%" in out.getvalue()
        assert "10 blocks/s" in out.getvalue()

    def test_count_what_has_no_known_end(self) -> None:
        out = Terminal()

        with drawn(as_json=False, stream=out) as drawing:
            drawing.compared(1, "works", 12_300)

        assert "12,300 compared" in out.getvalue()
        assert "%" not in out.getvalue().replace("[", "")
