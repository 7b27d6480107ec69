"""A certificate says what the statement says, and every check can fail."""

import copy
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nft.certificates import Issuer, Mint, Statement, certificate_code, issue, unsigned
from nft.integrity import secure
from nft.metadata import Asset, Work, canonical_bytes, document, metadata_digest
from nft.tokens import token_id
from nft.types import Address, Digest, TokenRef
from nft.verification import ChainEvidence, Evidence, verify

ARTIST = Address(b"\xa1" * 20)
COLLECTOR = Address(b"\xc0" * 20)
HOUSE = Address(b"\x07" * 20)
PICTURE = Digest(b"\x11" * 32)
ISSUER = Issuer.local(Ed25519PrivateKey.from_private_bytes(b"\x05" * 32))
WORK = Work(
    title="Low Water, Evening",
    artist="I. Marlowe",
    assets=(Asset("image", "bafkreiabc", "unixfs-v1-2025", PICTURE, "image/png", 1024, 1600, 900),),
)
METADATA = document(WORK)
STATEMENT = Statement(
    token=TokenRef(31337, HOUSE, token_id(ARTIST, 7)),
    metadata_digest=metadata_digest(canonical_bytes(METADATA)),
    metadata=METADATA,
    mint=Mint(
        transaction_hash=Digest(b"\x22" * 32),
        block_number=12,
        block_hash=Digest(b"\x33" * 32),
        timestamp=1_770_000_000,
        log_index=3,
        royalty_bps=750,
        royalty_receiver=ARTIST,
    ),
    is_test=True,
    is_provisional=False,
)
NODE = ChainEvidence(
    source="https://node.example",
    chain_id=31337,
    has_code=True,
    metadata_digest=STATEMENT.metadata_digest,
    mint_block_hash=STATEMENT.mint.block_hash,
    mint_log_found=True,
    owner=COLLECTOR,
    royalty_bps=750,
    transfer_count=2,
    head_number=40,
    head_hash=Digest(b"\x44" * 32),
)


def results(report) -> dict[str, str]:
    return {check.id: check.result for check in report.checks}


class TestIssue:
    def test_the_same_statement_gives_the_same_bytes(self):
        assert issue(STATEMENT, ISSUER) == issue(STATEMENT, ISSUER)

    def test_names_the_token_the_creator_and_the_files(self):
        subject = issue(STATEMENT, ISSUER)["credentialSubject"]

        assert subject["token"]["token_id"] == str(STATEMENT.token.token_id)
        assert subject["creator"]["address"] == str(ARTIST)
        assert subject["media"][0]["sha256"] == str(PICTURE)
        assert subject["metadata"]["cid"].startswith("bafkrei")

    def test_says_test_on_a_test_chain(self):
        real = replace(STATEMENT, is_test=False)

        assert "TEST" in issue(STATEMENT, ISSUER)["credentialSubject"]["notice"]
        assert "notice" not in issue(real, ISSUER)["credentialSubject"]

    def test_is_marked_while_it_is_provisional(self):
        provisional = replace(STATEMENT, is_provisional=True)

        assert issue(provisional, ISSUER)["credentialSubject"]["provisional"] is True

    def test_the_short_code_depends_on_the_token_alone(self):
        code = certificate_code(STATEMENT.token)

        assert code == certificate_code(STATEMENT.token)
        assert code != certificate_code(replace(STATEMENT.token, token_id=8))
        assert len(code) == 12


class TestVerify:
    def test_passes_with_a_node_and_the_file(self):
        evidence = Evidence(chain=NODE, media={PICTURE: "read from picture.png"})

        report = verify(issue(STATEMENT, ISSUER), evidence)

        assert report.verdict == "pass"
        assert results(report)["media.0.image"] == "pass"
        assert report.blocks[0].linked == "rpc"

    def test_is_incomplete_without_a_node(self):
        report = verify(issue(STATEMENT, ISSUER), Evidence())

        assert report.verdict == "incomplete"
        assert not report.as_json()["valid"]
        assert report.blocks[0].linked == "no"

    def test_links_a_block_whose_hash_the_reader_gave(self):
        evidence = Evidence(chain=NODE, block_hashes={12: STATEMENT.mint.block_hash})

        report = verify(issue(STATEMENT, ISSUER), evidence)

        assert report.verdict == "pass"
        assert report.blocks[0].linked == "given"

    def test_fails_when_the_reader_knows_another_hash(self):
        evidence = Evidence(chain=NODE, block_hashes={12: Digest(b"\x99" * 32)})

        assert results(verify(issue(STATEMENT, ISSUER), evidence))["block.12"] == "fail"

    def test_says_whose_key_signed_when_the_reader_knows_it(self):
        key = ISSUER.did.removeprefix("did:key:")
        evidence = Evidence(chain=NODE, known_issuers={key: "this exchange"})

        assert results(verify(issue(STATEMENT, ISSUER), evidence))["issuer.identity"] == "pass"

    @pytest.mark.parametrize(
        ("change", "failed"),
        [
            ({"metadata_digest": None}, "chain.metadata"),
            ({"metadata_digest": Digest(b"\x77" * 32)}, "chain.metadata"),
            ({"mint_log_found": False}, "chain.mint"),
            ({"mint_block_hash": None}, "chain.mint"),
            ({"mint_block_hash": Digest(b"\x77" * 32)}, "chain.mint"),
            ({"has_code": False}, "chain.contract"),
            ({"chain_id": 1}, "chain.id"),
        ],
    )
    def test_fails_when_the_chain_disagrees(self, change, failed):
        report = verify(issue(STATEMENT, ISSUER), Evidence(chain=replace(NODE, **change)))

        assert results(report)[failed] == "fail"
        assert report.verdict == "fail"

    def test_fails_for_a_file_that_the_certificate_does_not_name(self):
        evidence = Evidence(chain=NODE, media={Digest(b"\x88" * 32): "read from other.png"})

        report = verify(issue(STATEMENT, ISSUER), evidence)

        assert results(report)["media.other"] == "fail"
        assert report.verdict == "fail"

    def test_fails_when_the_id_names_another_creator(self):
        other = replace(STATEMENT, token=replace(STATEMENT.token, token_id=token_id(COLLECTOR, 7)))
        forged = issue(other, ISSUER)
        forged["credentialSubject"]["creator"]["address"] = str(ARTIST)

        assert results(verify(forged, Evidence(chain=NODE)))["creator"] == "fail"

    FORGER = Issuer.local(Ed25519PrivateKey.from_private_bytes(b"\x66" * 32))
    FORGED = document(
        replace(
            WORK, title="Forged", assets=(replace(WORK.assets[0], sha256=Digest(b"\x66" * 32)),)
        )
    )

    def test_fails_for_another_description_under_a_genuine_token(self):
        forged = issue(replace(STATEMENT, metadata=self.FORGED), self.FORGER)

        report = verify(forged, Evidence(chain=NODE))

        assert results(report)["issuer.signature"] == "pass"
        assert results(report)["description"] == "fail"

    def test_fails_for_other_words_beside_the_genuine_description(self):
        forged = unsigned(replace(STATEMENT, metadata=self.FORGED), self.FORGER.did)
        forged["credentialSubject"]["metadata"]["document"] = METADATA
        forged = secure(forged, key=self.FORGER.key, method=self.FORGER.method, created="2026")

        report = verify(forged, Evidence(chain=NODE))

        assert results(report)["issuer.signature"] == "pass"
        assert results(report)["description"] == "fail"
        assert next(one.detail for one in report.checks if one.id == "description").endswith(
            "another title, media"
        )

    @pytest.mark.parametrize("description", [None, "text", [], {}, {"properties": 1}, 2**60])
    def test_fails_without_a_description_of_that_hash(self, description):
        forged = unsigned(STATEMENT, self.FORGER.did)
        forged["credentialSubject"]["metadata"]["document"] = description
        if description != 2**60:  # which no signature could cover either
            forged = secure(forged, key=self.FORGER.key, method=self.FORGER.method, created="2026")

        assert results(verify(forged, Evidence(chain=NODE)))["description"] == "fail"

    def test_fails_when_signed_by_a_key_that_is_not_the_issuers(self):
        forged = issue(STATEMENT, replace(ISSUER, key=Ed25519PrivateKey.generate()))

        assert results(verify(forged, Evidence(chain=NODE)))["issuer.signature"] == "fail"

    def test_fails_for_every_changed_word_of_the_subject(self):
        genuine = issue(STATEMENT, ISSUER)
        verdicts = {
            path: verify(_changed(genuine, path), Evidence(chain=NODE)).verdict
            for path in _leaves(genuine)
        }

        assert set(verdicts.values()) == {"fail"}, verdicts

    @pytest.mark.parametrize("document", [{}, {"type": "x"}, {"type": ["VerifiableCredential"]}])
    def test_refuses_what_is_no_certificate(self, document):
        assert verify(document, Evidence(chain=NODE)).verdict == "fail"

    def test_refuses_one_that_would_have_a_reader_hash_for_hours(self):
        document = issue(STATEMENT, ISSUER)
        document["credentialSubject"]["media"] *= 65

        report = verify(document, Evidence(chain=NODE))

        assert results(report) == {"document": "fail"}
        assert "more than 64 files" in report.checks[0].detail


def _leaves(value, path=()):
    if isinstance(value, dict):
        return [leaf for key, part in value.items() for leaf in _leaves(part, (*path, key))]
    if isinstance(value, list):
        return [leaf for n, part in enumerate(value) for leaf in _leaves(part, (*path, n))]
    return [path]


def _changed(document, path):
    found = copy.deepcopy(document)
    place = found
    for key in path[:-1]:
        place = place[key]
    old = place[path[-1]]
    place[path[-1]] = f"{old}x" if isinstance(old, str) else (old or 0) + 1
    return found
