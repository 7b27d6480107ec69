"""The artist's statement: hashed as wallets hash it, and worth exactly what was signed."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from nft.signing import recover, typed_data_digest
from nft.statements import (
    ANOTHER,
    OF_CONTRACT,
    OTHER_FACTS,
    OTHER_TOKEN,
    Signed,
    StatementInvalid,
    WorkStatement,
    check,
    read,
    signing_digest,
    stated,
    typed_data,
    work_hash,
)
from nft.types import Address, Digest

VECTORS = json.loads(
    (Path(__file__).resolve().parents[1] / "vectors" / "statements.json").read_text("utf-8")
)
CHAIN = int(VECTORS["chainId"])
CONTRACT = Address.parse(VECTORS["contract"])
ARTIST = Address.parse(VECTORS["signer"]["address"])
FORGER = Account.from_key(b"\x02" * 32)

Entry = dict[str, Any]


def _work(entry: Entry) -> WorkStatement:
    return stated(
        entry["described"],
        token_id=int(entry["token_id"]),
        copies=int(entry["copies"]),
        metadata_digest=Digest.parse(entry["metadata_digest"]),
    )


def _carried(entry: Entry, place: int = 0) -> Entry:
    work = entry["works"][place]
    return Signed(
        signer=ARTIST,
        signature=bytes.fromhex(entry["signature"][2:]),
        copies=int(work["copies"]),
        token_id=int(work["token_id"]),
        place=place,
        works=tuple(Digest.parse(one) for one in entry["hashes"]),
    ).as_json()


def _check(statement: Any, work: Entry, **changed: Any) -> Any:
    facts = {
        "chain_id": CHAIN,
        "contract": CONTRACT,
        "token_id": int(work["token_id"]),
        "metadata_digest": Digest.parse(work["metadata_digest"]),
    }
    return check(statement, work["described"], **{**facts, **changed})


def _named(name: str) -> Entry:
    found: Entry = next(one for one in VECTORS["statements"] if one["name"] == name)
    return copy.deepcopy(found)


@pytest.mark.parametrize("entry", VECTORS["statements"], ids=lambda one: one["name"])
class TestVectors:
    def test_every_work_has_the_hash_that_others_compute(self, entry: Entry) -> None:
        assert [str(work_hash(_work(one))) for one in entry["works"]] == entry["hashes"]

    def test_the_digest_is_what_wallets_sign(self, entry: Entry) -> None:
        hashes = [Digest.parse(one) for one in entry["hashes"]]
        works = [_work(one) for one in entry["works"]]

        found = signing_digest(hashes, chain_id=CHAIN, contract=CONTRACT)

        assert str(found) == entry["digest"]
        shown = typed_data(works, chain_id=CHAIN, contract=CONTRACT)
        assert typed_data_digest(shown) == found
        assert recover(found, bytes.fromhex(entry["signature"][2:])) == ARTIST

    def test_every_place_is_found_to_be_the_artists(self, entry: Entry) -> None:
        found = [_check(_carried(entry, place), work) for place, work in enumerate(entry["works"])]

        assert all(one.is_proven and one.signer == ARTIST for one in found)


class TestOtherFacts:
    @pytest.mark.parametrize(
        "name", ["title", "artist", "date", "medium", "dimensions", "description"]
    )
    def test_every_word_is_signed(self, name: str) -> None:
        entry = _named("one work")
        work = entry["works"][0]
        statement = _carried(entry)
        work["described"][name] += " "

        assert _check(statement, work).why == OTHER_FACTS

    @pytest.mark.parametrize(
        ("name", "value"),
        [("role", "document"), ("sha256", "0x" + "11" * 32), ("type", "image/gif"), ("size", 1)],
    )
    def test_every_fact_of_a_file_is_signed(self, name: str, value: Any) -> None:
        entry = _named("several files")
        work = entry["works"][0]
        statement = _carried(entry)
        work["described"]["media"][1][name] = value

        assert _check(statement, work).why == OTHER_FACTS

    def test_files_in_another_order_are_others(self) -> None:
        entry = _named("several files")
        statement = _carried(entry)
        entry["works"][0]["described"]["media"].reverse()

        assert _check(statement, entry["works"][0]).why == OTHER_FACTS

    def test_a_corrected_description_is_not_signed(self) -> None:
        entry = _named("one work")

        found = _check(_carried(entry), entry["works"][0], metadata_digest=Digest(b"\x01" * 32))

        assert found.why == OTHER_FACTS

    def test_another_chain_or_collection_is_another_signature(self) -> None:
        entry = _named("one work")
        statement, work = _carried(entry), entry["works"][0]

        assert _check(statement, work, chain_id=1).why == ANOTHER
        assert _check(statement, work, contract=Address(b"\x08" * 20)).why == ANOTHER

    def test_the_words_of_a_neighbour_do_not_stand_here(self) -> None:
        entry = _named("several works")
        statement = _carried(entry, place=1) | {"place": 2}

        assert _check(statement, entry["works"][1]).why == OTHER_FACTS


class TestEditions:
    def test_every_copy_is_covered_and_none_beside(self) -> None:
        entry = _named("an edition")
        work, statement = entry["works"][0], _carried(entry)
        first = int(work["token_id"])

        assert _check(statement, work, token_id=first + 24).is_proven
        assert _check(statement, work, token_id=first + 25).why == OTHER_TOKEN
        assert _check(statement, work, token_id=first - 1).why == OTHER_TOKEN

    def test_a_greater_edition_than_was_signed_is_refused(self) -> None:
        entry = _named("an edition")
        statement = _carried(entry) | {"copies": "26"}

        assert _check(statement, entry["works"][0]).why == OTHER_FACTS


class TestSignatures:
    def test_a_forger_is_named_as_nobody(self) -> None:
        entry = _named("one work")
        digest = Digest.parse(entry["digest"])
        forged = bytes(FORGER.unsafe_sign_hash(digest).signature)
        statement = _carried(entry) | {"signature": "0x" + forged.hex()}

        found = _check(statement, entry["works"][0])

        assert found.why == ANOTHER
        assert found.signer is None

    def test_who_names_oneself_is_found_and_is_not_the_artist(self) -> None:
        entry = _named("one work")
        digest = Digest.parse(entry["digest"])
        forged = bytes(FORGER.unsafe_sign_hash(digest).signature)
        statement = _carried(entry) | {"signature": "0x" + forged.hex(), "signer": FORGER.address}

        found = _check(statement, entry["works"][0])

        assert found.is_proven
        assert found.signer == Address.parse(FORGER.address) != ARTIST

    @pytest.mark.parametrize("changed", [{"signature": "0x" + "ab" * 97}, {"wallet": "contract"}])
    def test_a_contract_wallets_is_left_to_a_node(self, changed: Entry) -> None:
        entry = _named("one work")

        found = _check(_carried(entry) | changed, entry["works"][0])

        assert found.why == OF_CONTRACT
        assert found.needs_node
        assert (found.signer, str(found.digest)) == (ARTIST, entry["digest"])

    def test_only_one_form_of_a_signature_is_taken(self) -> None:
        entry = _named("one work")
        signature = entry["signature"]
        low = signature[:-2] + {"1b": "00", "1c": "01"}[signature[-2:]]

        found = _check(_carried(entry) | {"signature": low}, entry["works"][0])

        assert found.signer is None
        assert "v is not 27 or 28" in found.why


class TestForm:
    def test_what_is_written_can_be_read(self) -> None:
        statement = _carried(_named("several works"), place=3)

        assert read(statement).as_json() == statement
        assert read(statement | {"wallet": "contract"}).by_contract

    @pytest.mark.parametrize(
        "changed",
        [
            {"more": 1},
            {"wallet": "key"},
            {"works": []},
            {"works": ["0x" + "AB" * 32]},
            {"works": ["0x" + "ab" * 32] * 5_000},
            {"works": "0x"},
            {"place": 1},
            {"place": -1},
            {"place": True},
            {"place": "0"},
            {"copies": 1},
            {"copies": "01"},
            {"copies": "0"},
            {"token_id": "-1"},
            {"token_id": str(2**256)},
            {"signer": ARTIST.hex()},
            {"signer": str(ARTIST).lower()},
            {"signer": None},
            {"signature": "0xZZ"},
            {"signature": "0xABCD"},
            {"signature": None},
        ],
        ids=str,
    )
    def test_anything_else_is_said_to_be_wrong(self, changed: Entry) -> None:
        entry = _named("one work")

        found = _check(_carried(entry) | changed, entry["works"][0])

        assert found.signer is None
        assert found.why

    @pytest.mark.parametrize("value", [None, [], "0x", 5, {}])
    def test_what_is_no_statement_is_said_to_be_none(self, value: Any) -> None:
        assert _check(value, _named("one work")["works"][0]).signer is None

    @pytest.mark.parametrize(
        "changed",
        [
            {"title": None},
            {"title": "\ud800"},
            {"media": None},
            {"media": ["file"]},
            {"media": [{"role": "image", "sha256": "0x", "type": "", "size": 1}]},
            {"media": [{"role": "image", "sha256": "0x" + "11" * 32, "type": "", "size": 1.0}]},
            {"media": [{"role": "image", "sha256": "0x" + "11" * 32, "type": "", "size": True}]},
        ],
        ids=str,
    )
    def test_facts_of_another_shape_cannot_be_stated(self, changed: Entry) -> None:
        described = _named("one work")["works"][0]["described"] | changed

        with pytest.raises(StatementInvalid):
            stated(described, token_id=1, copies=1, metadata_digest=Digest(bytes(32)))
