"""What a certificate says of a work that is offered and not minted yet, and what holds of it."""

import json
from dataclasses import replace
from random import Random

import pytest

from nft.bundles import pack
from nft.certificates import Offer, Statement, issue, unsigned
from nft.signing import typed_data_digest, voucher_hash, voucher_message, voucher_typed_data
from nft.types import Address, Digest
from nft.verification import (
    Evidence,
    NodeHashes,
    claims_of,
    verify,
    verify_bundle,
    verify_document,
    wanted_blocks,
)
from nft.vouchers import DEFAULT_ROYALTY, Voucher
from tests.nft.test_certificates import ARTIST, ISSUER, NODE, STATEMENT
from tests.support.certificate_cases import signed_again
from tests.support.offered_papers import MINTER_KEY, offered_papers
from tests.support.papers import HOUSE, dumped, papers

VOUCHER = Voucher(
    token_id=STATEMENT.token.token_id,
    metadata_digest=STATEMENT.metadata_digest,
    price=10**18,
    royalty_bps=DEFAULT_ROYALTY,
    max_fee_bps=250,
    edition_size=3,
    start=1_770_000_000,
    end=1_772_592_000,
    nonce=4,
    counter=0,
)
OFFER = Offer(
    voucher=VOUCHER,
    signer=ARTIST,
    signature=b"\x01" * 65,
    by_contract=False,
    taken_at=1_770_000_060,
)
OFFERED = Statement(
    token=STATEMENT.token,
    metadata_digest=STATEMENT.metadata_digest,
    metadata=STATEMENT.metadata,
    offer=OFFER,
    is_test=True,
    is_provisional=False,
)


class TestIssue:
    def test_holds_the_signed_voucher_in_place_of_the_mint(self):
        subject = issue(OFFERED, ISSUER)["credentialSubject"]

        assert "mint" not in subject
        assert subject["voucher"] == {
            "signer": str(ARTIST),
            "signature": "0x" + "01" * 65,
            "message": voucher_message(VOUCHER),
        }

    def test_says_where_a_contract_wallet_signed(self):
        by_wallet = replace(OFFERED, offer=replace(OFFER, by_contract=True))

        assert issue(by_wallet, ISSUER)["credentialSubject"]["voucher"]["wallet"] == "contract"

    def test_begins_when_the_voucher_was_taken_in(self):
        document = issue(OFFERED, ISSUER)

        assert document["validFrom"] == "2026-02-02T02:41:00Z"
        assert document["proof"]["created"] == "2026-02-02T02:41:00Z"

    def test_has_no_evidence(self):
        assert "evidence" not in unsigned(OFFERED, ISSUER.did)


class TestStatement:
    def test_is_of_a_work_that_is_minted_or_offered(self):
        with pytest.raises(ValueError, match="either minted or offered"):
            replace(OFFERED, offer=None)

    def test_is_never_of_a_work_that_is_both(self):
        with pytest.raises(ValueError, match="either minted or offered"):
            replace(OFFERED, mint=STATEMENT.mint)

    def test_has_no_proofs_of_an_offer(self):
        with pytest.raises(ValueError, match="proves nothing"):
            replace(OFFERED, evidence={"type": "ChainEvidence"})


PAPER = offered_papers(seed=51, copies=4)


def found(document, **brought):
    """The lines of a report by name, and its verdict."""
    report = verify_document(document, Evidence(**brought))
    return {check.id: check for check in report.checks}, report.verdict


def with_voucher(**change):
    """The issuer signs whatever stands in the voucher's place."""
    return signed_again(PAPER.certificate, lambda one: one["credentialSubject"].update(change))


class TestVerify:
    def test_the_creators_voucher_passes_and_the_certificate_never_does(self):
        lines, verdict = found(
            PAPER.certificate,
            media={PAPER.work.assets[0].sha256: "read from picture.png"},
            known_issuers={ISSUER.did.removeprefix("did:key:"): "this exchange"},
            block_hashes=PAPER.trusted,
        )

        assert verdict == "incomplete"
        required = {name for name, one in lines.items() if one.required and one.result != "pass"}
        assert required == {"chain.mint"}
        assert lines["chain.mint"].result == "not_checked"
        assert lines["voucher"].result == "pass"

    def test_its_line_stands_behind_the_statement_and_before_the_files(self):
        lines, _ = found(PAPER.certificate)

        names = list(lines)
        at = names.index("voucher")
        assert names[at - 1 : at + 2] == ["artist.statement", "voucher", "media.0.image"]

    def test_has_no_lines_of_a_chain_that_knows_nothing_of_it(self):
        lines, _ = found(PAPER.certificate)

        chain = {name for name in lines if name.startswith(("chain.", "block.", "evidence"))}
        assert chain == {"chain.mint"}

    def test_nothing_that_a_node_says_makes_a_mint_of_it(self):
        lines, verdict = found(PAPER.certificate, chain=NODE)

        assert lines["chain.mint"].result == "not_checked"
        assert lines["chain.id"].result == "pass"
        assert {"chain.owner", "chain.metadata", "chain.contract"} & lines.keys() == set()
        assert verdict == "incomplete"

    def test_a_node_of_another_chain_fails_it(self):
        lines, verdict = found(PAPER.certificate, nodes=(NodeHashes("a node", 1, {}),))

        assert (lines["chain.id"].result, verdict) == ("fail", "fail")

    def test_a_minted_certificate_has_no_such_line(self):
        report = verify(issue(STATEMENT, ISSUER), Evidence(chain=NODE))

        assert "voucher" not in {check.id for check in report.checks}

    def test_only_the_chain_knows_minters(self):
        lines, verdict = found(with_voucher(voucher=PAPER.offer(MINTER_KEY).as_json()))

        assert (lines["voucher"].result, verdict) == ("not_checked", "incomplete")

    @pytest.mark.parametrize("offset", [-1, 4])
    def test_a_voucher_of_neighbouring_ids_fails(self, offset):
        voucher = PAPER.offer(token_id=PAPER.token.token_id - offset)

        lines, verdict = found(with_voucher(voucher=voucher.as_json()))

        assert lines["voucher"].detail == "the voucher mints other tokens"
        assert verdict == "fail"

    @pytest.mark.parametrize("offset", [0, 3])
    def test_a_voucher_that_reaches_to_its_id_passes(self, offset):
        voucher = PAPER.offer(token_id=PAPER.token.token_id - offset)

        lines, _ = found(with_voucher(voucher=voucher.as_json()))

        assert lines["voucher"].result == "pass"

    @pytest.mark.parametrize(
        "change",
        [
            {"price": 1},
            {"royalty_receiver": HOUSE},
            {"recipient": HOUSE},
            {"currency": HOUSE},
            {"edition_size": 5},
            {"end": 2**63},
            {"nonce": 1},
            {"counter": 1},
            {"metadata_digest": Digest(b"\x99" * 32)},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_a_voucher_that_was_signed_with_other_words_fails(self, change):
        told = replace(PAPER.offer(), voucher=replace(PAPER.voucher, **change))

        lines, verdict = found(with_voucher(voucher=told.as_json()))

        assert (lines["voucher"].result, verdict) == ("fail", "fail")

    def test_no_letter_of_the_voucher_can_change(self):
        """The issuer is dishonest here, and signs whatever is written."""
        text = json.dumps(PAPER.certificate["credentialSubject"]["voucher"])
        dice, tried = Random(1), 0

        for place in dice.sample(range(len(text)), 220):
            other = dice.choice([sign for sign in "0123456789abcdefF" if sign != text[place]])
            try:
                changed = json.loads(text[:place] + other + text[place + 1 :])
                document = with_voucher(voucher=changed)
            except ValueError:
                continue
            tried += 1
            assert found(document)[0]["voucher"].result == "fail", text[place - 9 : place + 9]
        assert tried > 100

    @pytest.mark.parametrize(
        "subject",
        [
            {"mint": issue(STATEMENT, ISSUER)["credentialSubject"]["mint"]},
            {"mint": None},
        ],
        ids=["whole", "null"],
    )
    def test_what_is_offered_and_minted_is_no_certificate(self, subject):
        lines, verdict = found(with_voucher(**subject))

        assert lines.keys() == {"document"}
        assert verdict == "fail"


class TestFiles:
    def test_names_no_block_that_a_node_could_be_asked_for(self):
        assert wanted_blocks(PAPER.body) is None

    def test_a_bundle_names_those_of_its_anchor_and_extract(self):
        wanted = wanted_blocks(pack(PAPER.bundle()))

        assert wanted is not None
        assert wanted.numbers == {PAPER.top.number, PAPER.extract_block.number}

    def test_what_lies_beside_it_does_not_say_which_chain_it_is_of(self):
        """Hashes of one chain, from a list of several, would else prove facts of another."""
        parts = PAPER.bundle()
        links = papers(seed=77, moves=0, chain_id=137).links()
        alone = {"certificate.json": parts["certificate.json"], "links.json": dumped(links)}

        assert wanted_blocks(pack(alone)) is None

    def test_claims_say_that_there_is_no_mint(self):
        claims = claims_of(PAPER.body)

        assert claims is not None
        assert (claims.mint, claims.place) == (None, None)

    def test_its_bundle_is_anchored_and_not_minted(self):
        report = verify_bundle(PAPER.bundle(), Evidence(block_hashes=PAPER.trusted))

        lines = {check.id: check for check in report.checks}
        assert lines["anchor"].result == "pass"
        assert lines["chain.owner"].detail.startswith("not minted, as of block")
        assert lines["bundle.metadata.json"].result == "pass"
        assert report.verdict == "incomplete"


class TestVoucherHash:
    @pytest.mark.parametrize(
        "voucher",
        [
            VOUCHER,
            replace(VOUCHER, price=2**256 - 1, nonce=2**256 - 1, edition_size=2**32 - 1),
            replace(VOUCHER, recipient=HOUSE, currency=ARTIST, fee_receiver=Address(b"\1" * 20)),
        ],
        ids=["plain", "largest", "named"],
    )
    def test_is_that_of_the_typed_data(self, voucher):
        where = {"chain_id": 31337, "collection": HOUSE}

        digest = typed_data_digest(voucher_typed_data(voucher, **where))

        assert voucher_hash(voucher, **where) == digest
