"""
A work in the words of Linked Art 1.0: what its documentation requires, and nothing made up.
"""

from api.forms.linked_art import CONTEXT, linked_art
from tests.pages import exhibits

PUBLIC_URL = "https://vernissage.example"

CONTENTS = {
    "Name": "content",
    "Identifier": "content",
    "LinguisticObject": "content",
    "Type": "id",
    "Person": "id",
    "Activity": "id",
    "VisualItem": "id",
}
"""What a node of each type cannot do without."""
MEMBERS = {
    "DigitalObject": {
        "@context",
        "id",
        "type",
        "_label",
        "identified_by",
        "classified_as",
        "referred_to_by",
        "created_by",
        "digitally_shows",
        "format",
        "access_point",
        "used_for",
        "subject_of",
    },
    "Creation": {"type", "timespan", "carried_out_by"},
    "Activity": {
        "id",
        "type",
        "_label",
        "identified_by",
        "classified_as",
        "referred_to_by",
        "timespan",
        "carried_out_by",
    },
    "TimeSpan": {"type", "identified_by", "begin_of_the_begin", "end_of_the_end"},
    "Name": {"type", "content", "classified_as"},
    "Identifier": {"type", "content", "classified_as"},
    "LinguisticObject": {"id", "type", "_label", "content", "classified_as"},
    "Type": {"id", "type", "_label", "classified_as"},
    "Person": {"id", "type", "_label"},
    "VisualItem": {"id", "type", "_label"},
}
"""Of what the documentation of each type allows, what we write."""


def nodes(value):
    """Every object with a type, however deep."""
    if isinstance(value, dict):
        return [value, *(node for one in value.values() for node in nodes(one))]
    if isinstance(value, list):
        return [node for one in value for node in nodes(one)]
    return []


def record(**more):
    work = exhibits.exhibition()[5].model_copy(update=more)
    return linked_art(work, exhibits.provenance(), PUBLIC_URL)


def test_a_work_has_what_the_api_requires():
    told = record()

    assert told["@context"] == CONTEXT
    assert told["type"] == "DigitalObject"
    assert told["id"].startswith(f"{PUBLIC_URL}/works/31337/")
    assert told["_label"] == exhibits.exhibition()[5].title
    assert [one["type"] for one in told["identified_by"]][:2] == ["Name", "Identifier"]
    assert told["identified_by"][1]["content"].startswith("eip155:31337/erc721:")
    assert told["created_by"]["carried_out_by"][0]["type"] == "Person"


def test_every_node_is_of_a_known_type_and_holds_only_what_belongs_there():
    found = nodes(record(rights="All reserved", external_id="INV 7", description="Ridges"))

    assert {node["type"] for node in found} <= set(MEMBERS)
    assert [node for node in found if not set(node) <= MEMBERS[node["type"]]] == []
    assert [
        node
        for node in found
        if CONTENTS.get(node["type"], "type") not in node and "id" not in node
    ] == []


def test_each_change_of_hands_is_an_activity():
    told = record()["used_for"]
    moves = [one for one in exhibits.provenance() if one.event in ("mint", "sale", "transfer")]

    assert len(told) == len(moves)
    assert len({one["id"] for one in told}) == len(moves)
    assert all(one["classified_as"][0]["id"].endswith("/300055863") for one in told)
    assert all(one["timespan"]["begin_of_the_begin"].endswith("Z") for one in told)


def test_what_nobody_stated_is_not_there():
    told = record(
        description="", medium="", dimensions="", rights="", media=[], title="", external_id=""
    )

    assert "format" not in told
    assert told["_label"] == "Untitled"
    assert [one["type"] for one in told["identified_by"]] == ["Identifier"]


def test_a_work_of_others_names_no_creator():
    assert "created_by" not in record(foreign=True)
