"""The shared cases: any verifier gives these reports, word for word."""

import json
import re

import jsonschema
import pytest

from nft.verification.words import WORDS, words_json
from tests.support.certificate_cases import FOLDER, SHORTS, all_cases, read_case

FILES = sorted(FOLDER.glob("*.json"))
REPORT = {
    "type": "object",
    "required": ["verdict", "valid", "checks", "blocks"],
    "properties": {
        "verdict": {"enum": ["pass", "fail", "incomplete"]},
        "checks": {
            "items": {
                "required": ["id", "result", "required", "detail", "input"],
                "properties": {"result": {"enum": ["pass", "fail", "not_checked"]}},
            }
        },
        "blocks": {
            "items": {
                "required": ["number", "hash", "linked"],
                "properties": {"linked": {"enum": ["given", "rpc", "by proof", "no"]}},
            }
        },
    },
}


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_report_is_the_expected_one(path):
    vector = load(path)

    report = read_case(vector).report().as_json()

    assert report == vector["expected"]
    jsonschema.validate(report, REPORT)


def test_there_are_cases_of_every_kind_and_verdict():
    found = {(path.stem.partition("-")[0], load(path)["expected"]["verdict"]) for path in FILES}

    kinds = ("certificate", "extract", "bundle", "evidence")
    assert found == {
        (kind, verdict) for kind in kinds for verdict in ("pass", "fail", "incomplete")
    }


def test_nothing_passes_on_a_block_that_is_not_linked():
    for path in FILES:
        expected = load(path)["expected"]
        unlinked = {block["number"] for block in expected["blocks"] if block["linked"] == "no"}
        said = [check for check in expected["checks"] if check["result"] == "pass"]
        proven = [check["detail"] for check in said if "chain." in check["id"]]
        named = {number for detail in proven for number in re.findall(r"block (\d+)", detail)}
        assert not named & unlinked, path.stem


def test_words_and_shorts_stand_beside_the_cases():
    folder = FOLDER.parent

    assert (folder / "certificate-words.json").read_text(encoding="utf-8") == words_json()
    assert json.loads((folder / "certificate-shorts.json").read_text()) == SHORTS


def test_every_word_is_said_in_some_case():
    spoken = {check["detail"] for path in FILES for check in load(path)["expected"]["checks"]}
    forms = {key: re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)) for key, text in WORDS.items()}
    unsaid = {
        key
        for key, form in forms.items()
        if not any(re.fullmatch(form, detail) for detail in spoken)
    }

    # What nodes answer is asked by the command line and the API alone.
    nodes = {"mint.node", "mint.fork", "mint.log", "contract.node", "metadata.node", "owner.node"}
    assert unsaid == nodes | {"metadata.other"}


@pytest.mark.long
def test_the_cases_are_those_that_are_written():
    written = {case.name: case.as_json() for case in all_cases()}

    assert {path.stem: load(path) for path in FILES} == written
