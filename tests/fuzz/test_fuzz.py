"""A share of the campaign in every run, a million inputs in `make long`."""

import json
import subprocess
import sys

import pytest

from tests.support.servers import ROOT


def campaign(*words: str) -> dict:
    finished = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.campaign", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return json.loads(finished.stdout)


def told(found: dict) -> str:
    return "\n".join(
        f"--target {one['target']} --seed {one['seed']} --only {one['only']}\n{one['trace']}"
        for one in found["finds"]
    )


class TestReaders:
    def test_answer_or_refuse_whatever_they_are_handed(self):
        found = campaign("--inputs", "40000", "--seed", "20261126")

        assert not found["finds"], told(found)
        assert found["inputs"] >= 40_000

    def test_would_be_caught_if_they_did_not(self):
        """The campaign notices what it looks for: a find is told with what makes it again."""
        code = (
            "from tests.fuzz import campaign, targets\n"
            "def broken(rng): bytes(2**40) if rng.random() < 2 else None\n"
            "targets.TARGETS['car'] = (broken, 1)\n"
            "campaign.bound_memory()\n"
            "found = campaign.run(5, 1, ['car'], None)\n"
            "print(found['finds'][0]['trace'].splitlines()[-1], len(found['finds']))\n"
        )

        said = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        )

        assert said.stdout.split() == ["MemoryError", "5"]

    @pytest.mark.long
    @pytest.mark.timeout(7_200)
    def test_hold_for_a_million_inputs(self):
        found = campaign("--inputs", "1000000", "--seed", "1")

        assert not found["finds"], told(found)
        assert found["inputs"] >= 1_000_000
