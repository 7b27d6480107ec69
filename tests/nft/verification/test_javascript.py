"""
The verifier in JavaScript gives the same reports, word for word, over cases and spoiled documents.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from api.certificates.wording import check_words, told
from nft.bundles import pack
from nft.proofs.errors import EvidenceRefused
from nft.proofs.evidence import Evidence as Proofs
from nft.status_lists import NotAStatusList, decode_bits, encode_bits
from nft.strict_json import NotStrict, parse
from nft.verification import Evidence, verify_bundle, verify_file
from nft.verification.words import VALUES, WORDS
from tests.nft.test_strict_json import DEEPEST, REFUSED
from tests.support.certificate_cases import FOLDER, put, read_case, signed_again
from tests.support.offered_papers import offered_papers
from tests.support.papers import Papers, dumped, papers
from tests.support.sold_papers import sold_papers
from tests.support.spoiled_papers import spoiled
from tests.support.verifier import JavaScript, Refused, running_verifier, text_of
from tests.support.verifier_words import PLACE, script

pytestmark = pytest.mark.xdist_group("verifier")

FILES = sorted(FOLDER.glob("*.json"))


@pytest.fixture(scope="module")
def javascript() -> Iterator[JavaScript]:
    """One process for all questions."""
    with running_verifier() as found:
        yield found


def brought(vector: dict[str, Any]) -> dict[str, Any]:
    """What the reader of a case brings, as the other verifier is told it."""
    names = ("checkpoints", "nodes", "media", "known_issuers")
    links = [json.loads(dumped(one)) for one in read_case(vector).links]
    return {"block_hashes": vector["blocks"], "links": links} | {
        name: vector[name] for name in names
    }


class TestCases:
    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_the_report_is_the_expected_one(self, path: Path, javascript: JavaScript) -> None:
        vector = json.loads(path.read_text("utf-8"))
        files = read_case(vector).files

        if "file" in files:
            report = javascript.verify(files["file"], brought(vector))
        else:
            report = javascript.verify_bundle(files, brought(vector))

        assert report == vector["expected"]


@pytest.fixture(scope="module")
def kinds() -> list[Papers]:
    """Works of every kind."""
    return [
        papers(),
        papers(seed=1, is_clone=True, has_payee=True),
        papers(seed=2, is_frozen=True, is_burned=True, copies=3, moves=3, files=3),
        sold_papers(4),
    ]


def trusted(one: Papers) -> tuple[Evidence, dict[str, Any]]:
    """A reader who believes the newest block."""
    hashes = {str(number): str(found) for number, found in one.trusted.items()}
    return Evidence(block_hashes=one.trusted), {"block_hashes": hashes}


def differing(one: dict[str, Any], other: dict[str, Any]) -> Any:
    """The first lines that are not alike."""
    if one == other:
        return None
    pairs = zip(one["checks"], other["checks"], strict=False)
    return next(((a, b) for a, b in pairs if a != b), (one, other))


def vouched(paper: Papers, random: Random) -> bytes:
    """A spoiled voucher that the issuer signs all the same: what is wrong is only in it."""
    voucher = paper.certificate["credentialSubject"]["voucher"]
    while True:
        body = b'{"voucher":' + spoiled(voucher, random) + b"}"
        try:
            member = parse(body)
        except NotStrict:
            continue
        return dumped(
            signed_again(paper.certificate, put(member["voucher"], "credentialSubject", "voucher"))
        )


class TestSpoiled:
    """Nothing that somebody did to a document makes the two verifiers disagree."""

    @pytest.mark.parametrize("part", ["certificate.json", "extract.json", "links.json"])
    @pytest.mark.parametrize("kind", range(4))
    def test_documents(
        self, part: str, kind: int, kinds: list[Papers], javascript: JavaScript
    ) -> None:
        inputs, told_to_other = trusted(kinds[kind])
        whole = json.loads(kinds[kind].bundle()[part])
        random = Random(f"{part} {kind}")

        for _ in range(25):
            body = spoiled(whole, random)
            expected = verify_file(body, inputs).as_json()
            found = javascript.verify(body, told_to_other)
            assert differing(expected, found) is None, body[:2_000]

    def test_certificates_before_their_token(self, javascript: JavaScript) -> None:
        paper, random = offered_papers(seed=3, copies=2), Random("offered")
        inputs, told_to_other = trusted(paper)
        said = set()

        for place in range(60):
            body = vouched(paper, random) if place % 2 else spoiled(paper.certificate, random)
            expected = verify_file(body, inputs).as_json()
            found = javascript.verify(body, told_to_other)
            assert differing(expected, found) is None, body[:2_000]
            said |= {(one["id"], one["result"]) for one in expected["checks"]}

        assert said >= {("document", "fail"), ("voucher", "fail"), ("voucher", "pass")}

    @pytest.mark.parametrize(
        "part", ["anchor.json", "status.json", "issuer.json", "metadata.json", "certificate.json"]
    )
    def test_parts_of_a_bundle(
        self, part: str, kinds: list[Papers], javascript: JavaScript
    ) -> None:
        inputs, told_to_other = trusted(kinds[0])
        parts = kinds[0].bundle()
        whole = json.loads(parts[part])
        random = Random(part)

        for _ in range(12):
            files = parts | {part: spoiled(whole, random)}
            expected = verify_bundle(files, inputs).as_json()
            found = javascript.verify_bundle(files, told_to_other)
            assert differing(expected, found) is None, files[part][:2_000]

    @pytest.mark.parametrize("what", ["issuer_document", "anchor"])
    def test_an_empty_document_that_the_reader_brings_is_heard_before_the_bundles_own(
        self, what: str, kinds: list[Papers], javascript: JavaScript
    ) -> None:
        inputs, told_to_other = trusted(kinds[0])
        parts = kinds[0].bundle()
        empty: Any = {what: {}}

        found = verify_bundle(parts, replace(inputs, **empty)).as_json()

        assert found["verdict"] == "fail"
        assert found == javascript.verify_bundle(parts, told_to_other | empty)

    def test_archives(self, kinds: list[Papers], javascript: JavaScript) -> None:
        inputs, told_to_other = trusted(kinds[1])
        whole = pack(kinds[1].bundle())
        random = Random(7)
        failing = 0

        for _ in range(40):
            body = bytearray(whole)
            body[random.randrange(4, len(body))] ^= 1 << random.randrange(8)
            expected = verify_file(bytes(body), inputs).as_json()
            failing += expected["verdict"] == "fail"
            found = javascript.verify(bytes(body), told_to_other)
            assert differing(expected, found) is None

        # Times and attributes of a ZIP say nothing.
        assert failing > 30


class TestReading:
    @pytest.mark.parametrize("what", REFUSED)
    def test_refuses_what_readers_could_understand_differently(
        self, what: str, javascript: JavaScript
    ) -> None:
        with pytest.raises(Refused) as caught:
            javascript.ask("canonical", text=text_of(REFUSED[what]))

        assert str(caught.value) == str(NotStrict())

    def test_reads_what_python_reads(self, javascript: JavaScript) -> None:
        text = b' {"__proto__": {"\\ud83d\\ude00": [9007199254740991, 0]}, "b": "\\u007f\\u2028"} '

        found = javascript.ask("canonical", text=text_of(text))

        assert json.loads(found) == parse(text)
        assert javascript.ask("canonical", text=text_of(DEEPEST)) == DEEPEST.decode()

    def test_names_the_same_rule_and_place_of_evidence(
        self, kinds: list[Papers], javascript: JavaScript
    ) -> None:
        whole = kinds[1].extract()["evidence"]
        random = Random(11)
        refused = 0

        for _ in range(60):
            body = spoiled(whole, random)
            try:
                expected = str(Proofs.read(parse(body)).chain_id)
            except (EvidenceRefused, NotStrict) as error:
                expected, refused = str(error), refused + 1
            try:
                found = javascript.ask("evidence", text=text_of(body))
            except Refused as error:
                found = str(error)
            assert found == expected

        assert refused > 40


L = 2**252 + 27742317777372353535851937790883648493
SMALL = [
    bytes(32),
    b"\1" + bytes(31),
    b"\1" + bytes(30) + b"\x80",
    b"\xec" + b"\xff" * 30 + b"\x7f",
]


class TestPrimitives:
    def test_odd_keys_and_signatures_are_taken_alike(self, javascript: JavaScript) -> None:
        """Keys of small order, and numbers in forms that only some libraries take."""
        random = Random(3)
        taken = []
        for key in [*SMALL, b"\xee" + b"\xff" * 30 + b"\x7f", random.randbytes(32)]:
            for start in [*SMALL, key]:
                for number in (0, 1, L, L + 1):
                    signature = start + number.to_bytes(32, "little")
                    for message in (b"", b"message", random.randbytes(40)):
                        found = javascript.ask(
                            "signature",
                            signature=text_of(signature),
                            message=text_of(message),
                            key=text_of(key),
                        )
                        taken.append(found)
                        assert found == holds(signature, message, key)

        assert True in taken

    @pytest.mark.parametrize("places", [(), (0, 94_567, 131_071)])
    def test_status_lists_are_unpacked_alike(
        self, places: tuple[int, ...], javascript: JavaScript
    ) -> None:
        text = encode_bits(places)

        assert base64.b64decode(javascript.ask("bits", text=text)) == decode_bits(text)

    @pytest.mark.parametrize("spoil", ["cut", "longer", "two", "junk", "plus", "padded", "changed"])
    def test_other_lists_are_refused_alike(self, spoil: str, javascript: JavaScript) -> None:
        good = encode_bits([5])
        raw = base64.urlsafe_b64decode(good[1:] + "=" * (-len(good[1:]) % 4))
        body = {
            "cut": raw[:-1],
            "two": raw + raw,
            "junk": raw + b"junk",
            "changed": raw[:-5] + bytes([raw[-5] ^ 1]) + raw[-4:],
        }.get(spoil, raw)
        text = "u" + base64.urlsafe_b64encode(body).decode().rstrip("=")
        text += {"longer": "AAAA", "plus": "+", "padded": "="}.get(spoil, "")

        with pytest.raises(NotAStatusList):
            decode_bits(text)
        with pytest.raises(Refused):
            javascript.ask("bits", text=text)


def holds(signature: bytes, message: bytes, key: bytes) -> bool:
    """What OpenSSL says."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


IDS = ["document", "media.3.animation", "media.x", "block.12", "provenance.0", "extract.block.7"]
IDS += [
    "voucher",
    "bundle.links.json",
    "countersignature.1",
    "status.revocation",
    "unheard.of",
    "media.other",
]


class TestWords:
    def test_the_table_is_pythons(self, javascript: JavaScript) -> None:
        assert javascript.ask("words") == WORDS
        assert PLACE.read_text("utf-8") == script(), "python -m tests.support.verifier_words"

    def test_checks_have_the_same_names(self, javascript: JavaScript) -> None:
        words = check_words(lambda message: message)

        assert javascript.ask("names", ids=IDS) == [words(one) for one in IDS]

    def test_sentences_are_told_alike_in_another_language(self, javascript: JavaScript) -> None:
        known = [*WORDS.values(), *itertools.chain(*VALUES.values())]
        others = {", ": ", ", **{template: f"<{template}>" for template in known}}
        spoken = {
            check["detail"]
            for path in FILES
            for check in json.loads(path.read_text("utf-8"))["expected"]["checks"]
        }
        sentences = [*sorted(spoken), "something unheard of"]

        found = javascript.ask("told", sentences=sentences, words=others)

        assert found == [told(one, others.__getitem__) for one in sentences]
        assert [re.sub("[<>]", "", one) for one in found] == sentences
        assert {one[0] for one in found[:-1]} == {"<"}
        assert "<the key is that of <this exchange>>" in found
