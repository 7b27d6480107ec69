"""No byte of a certificate can change without the report saying so."""

import json
import random

import pytest

from nft.types import Digest
from nft.verification import Evidence, verify_bundle, verify_document, verify_file
from nft.verification.issuer import signature
from nft.verification.reading import Malformed, read_json
from tests.support.certificate_cases import own_blocks, signed_again
from tests.support.papers import dumped, papers

PAPER = papers(seed=77, moves=0)
GIVEN = Evidence(block_hashes=own_blocks(PAPER))
CODE = "0x" + PAPER.code[0].hex()


def changed(body: bytes, place: int, by: int) -> bytes:
    return body[:place] + bytes([(body[place] + by) % 256]) + body[place + 1 :]


def is_refused_at_once(body: bytes) -> bool:
    """By the text or by the signature, which every other check would only add to."""
    try:
        return signature(read_json(body))[0].result == "fail"
    except Malformed:
        return True


def places_outside_the_code(body: bytes) -> list[int]:
    first = body.index(CODE.encode())
    return [place for place in range(len(body)) if not first <= place < first + len(CODE)]


class TestBytes:
    def test_the_certificate_itself_passes(self):
        assert verify_file(PAPER.body, GIVEN).verdict == "pass"

    def test_a_byte_of_any_part_that_is_changed_is_found(self):
        body, dice = PAPER.body, random.Random(1)
        places = [place for place in places_outside_the_code(body) if place % 3 == 0]

        passed = [
            place
            for place in places
            if not is_refused_at_once(changed(body, place, dice.randint(1, 255)))
        ]

        assert len(places) > 2_000
        assert passed == []

    def test_the_whole_report_fails_with_it(self):
        body, dice = PAPER.body, random.Random(2)

        for place in dice.sample(range(len(body)), 150):
            assert verify_file(changed(body, place, 1), GIVEN).verdict == "fail", place

    @pytest.mark.long
    @pytest.mark.parametrize("by", [1, 32, 128])
    def test_every_single_byte(self, by):
        body = PAPER.body

        verdicts = [verify_file(changed(body, at, by), GIVEN).verdict for at in range(len(body))]

        assert set(verdicts) == {"fail"}


class TestEvidence:
    """The issuer is dishonest here, and signs whatever is written: only the chain is left."""

    @staticmethod
    def _with_proofs(text: str) -> dict:
        proofs = json.loads(text)
        return signed_again(
            PAPER.certificate, lambda document: document["evidence"][0].update(proofs=proofs)
        )

    def test_a_digit_of_the_proofs_that_is_changed_is_found(self):
        text, dice = dumped(PAPER.certificate["evidence"][0]["proofs"]).decode(), random.Random(3)
        digits = [place for place, sign in enumerate(text) if sign in "0123456789abcdef"]

        for place in dice.sample(digits, 180):
            other = dice.choice([sign for sign in "0123456789abcdef" if sign != text[place]])
            try:
                document = self._with_proofs(text[:place] + other + text[place + 1 :])
            except ValueError:
                continue
            assert verify_document(document, GIVEN).verdict != "pass", text[place - 20 : place + 20]

    def test_junk_among_the_nodes_is_refused(self):
        dice = random.Random(4)
        junk = ["0x", "0x80", "0xc0", "0x" + dice.randbytes(40).hex(), "0x" + "00" * 532]
        for name in ("states", "receipts"):
            for part in ("proof", "transaction_proof"):
                proofs = json.loads(dumped(PAPER.certificate["evidence"][0]["proofs"]))
                nodes = proofs[name][0].get(part)
                if nodes is None:
                    continue
                for place in (0, len(nodes)):
                    for node in [*junk, nodes[-1]]:
                        nodes.insert(place, node)
                        document = self._with_proofs(json.dumps(proofs))
                        nodes.pop(place)
                        assert verify_document(document, GIVEN).verdict == "fail"


class TestBundles:
    def test_a_changed_byte_of_any_part_never_helps(self):
        paper = papers(seed=78, moves=2)
        parts, dice = paper.bundle(), random.Random(5)
        trusted = Evidence(block_hashes=paper.trusted)
        assert verify_bundle(parts, trusted).verdict == "pass"
        # Of these copies nothing passes that the reader does not know: they may be anything.
        binding = ("certificate.json", "metadata.json", "anchor.json", "links.json")

        for name in binding:
            for place in dice.sample(range(len(parts[name])), 14):
                altered = parts | {name: changed(parts[name], place, 1)}
                assert verify_bundle(altered, trusted).verdict != "pass", (name, place)

    def test_a_hash_that_the_bundle_itself_names_links_nothing(self):
        paper = papers(seed=79, moves=1)

        report = verify_bundle(paper.bundle(), Evidence())

        assert report.verdict == "incomplete"
        assert {block.linked for block in report.blocks} == {"no"}


def _random_papers(seed: int):
    dice = random.Random(seed)
    return papers(
        seed=seed,
        is_clone=dice.random() < 0.4,
        has_payee=dice.random() < 0.4,
        is_frozen=dice.random() < 0.3,
        has_statement=dice.random() < 0.8,
        has_status=dice.random() < 0.8,
        state_later=dice.random() < 0.3,
        copies=dice.choice((1, 1, 3, 200)),
        files=dice.randint(1, 5),
        moves=dice.randint(0, 5),
        is_burned=dice.random() < 0.2,
    )


class TestMany:
    def _check(self, seed: int) -> None:
        paper = _random_papers(seed)
        strange = Evidence(block_hashes={paper.top.number: Digest(b"\x99" * 32)})

        parts = paper.bundle()
        report = verify_bundle(parts, Evidence(block_hashes=paper.trusted))

        assert report.verdict == "pass", (seed, report.as_json())
        assert next(one for one in report.checks if one.id == "chain.owner").result == "pass"
        assert verify_bundle(parts, strange).verdict == "fail", seed

    def test_random_works_verify(self):
        for seed in range(24):
            self._check(seed)

    @pytest.mark.long
    @pytest.mark.timeout(1200)
    def test_a_thousand_random_works_verify(self):
        for seed in range(1_000):
            self._check(seed)
