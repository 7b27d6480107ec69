"""A work is on show in well under a second after its mint."""

import json
import sys

import pytest

from tests.bench.bench_mirror import measure

pytestmark = pytest.mark.bench


def test_a_mint_is_visible_within_a_second() -> None:
    found = measure()

    sys.stdout.write(json.dumps({"mint_to_visible": found}) + "\n")
    assert found["sent_to_visible"]["p99_ms"] < 1000
