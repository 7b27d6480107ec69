"""
Levels of assurance: each reached by evidence alone, and none by an impostor.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nft.assurance import Facts, Named, Vouched, assess
from nft.types import Address

ARTIST, IMPOSTOR = Address(b"\x0a" * 20), Address(b"\x66" * 20)
MINTED = datetime(2026, 5, 4, tzinfo=UTC)
LATER = MINTED + timedelta(days=30)

SIGNED = Facts(
    creator=ARTIST,
    issued_at=MINTED,
    contract_artist=ARTIST,
    contract_since=MINTED,
    is_frozen=True,
    frozen_at=LATER,
    statement_signer=ARTIST,
    minted_at=MINTED,
    is_final=True,
    files=2,
    files_read=2,
    files_read_at=LATER,
)
NAMED = Named("atelier.art", since=MINTED - timedelta(days=9), read_at=LATER)
VOUCHED = Vouched("did:web:gallery.art", since=LATER, key_read_at=LATER)


class TestLevels:
    def test_a_provisional_certificate_has_none(self) -> None:
        assert assess(replace(SIGNED, issued_at=None, named=[NAMED])).level is None

    def test_an_issued_one_is_self_declared(self) -> None:
        assert assess(Facts(creator=ARTIST, issued_at=MINTED, contract_artist=None)).level == (
            "self_declared"
        )

    def test_own_contract_frozen_and_signed(self) -> None:
        assert assess(SIGNED).level == "signed_by_minting_key"

    @pytest.mark.parametrize(
        "lacking",
        [
            {"contract_artist": None, "is_shared": True},
            {"contract_artist": IMPOSTOR},
            {"is_frozen": False},
            {"statement_signer": None},
            {"statement_signer": IMPOSTOR},
            {"statement_signer": None, "statement_by_contract": True},
        ],
    )
    def test_each_requirement_is_needed(self, lacking: dict[str, object]) -> None:
        found = assess(replace(SIGNED, named=[NAMED], vouched=[VOUCHED], **lacking))  # type: ignore[arg-type]

        assert found.level == "self_declared"
        assert not found.levels[2].reached, "no level is skipped"

    @pytest.mark.parametrize(
        ("stated_at", "said"),
        [
            (MINTED - timedelta(hours=1), "before it was minted"),
            (LATER, "it came on 2026-06-03"),
        ],
    )
    def test_a_statement_has_its_own_date(self, stated_at: datetime, said: str) -> None:
        """One may be signed long after the mint: of a corrected description it always is."""
        found = assess(replace(SIGNED, stated_at=stated_at)).levels[1]

        statement = found.requirements[2]
        assert said in statement.evidence
        assert statement.at == stated_at

    def test_a_bound_domain_verifies_the_creator(self) -> None:
        found = assess(replace(SIGNED, named=[NAMED]))

        assert found.level == "creator_verified"
        assert "atelier.art" in found.levels[2].requirements[0].evidence
        assert found.levels[2].at == LATER, "not before what it stands on"

    def test_a_gallery_verifies_it_by_its_own_word(self) -> None:
        found = assess(replace(SIGNED, vouched=[VOUCHED]))

        assert found.level == "creator_verified"
        evidence = found.levels[2].requirements[0].evidence
        assert "did:web:gallery.art" in evidence
        assert "gallery's word" in evidence

    def test_an_impostor_with_an_own_contract_does_not_reach_it(self) -> None:
        forged = replace(
            SIGNED, creator=IMPOSTOR, contract_artist=IMPOSTOR, statement_signer=IMPOSTOR
        )

        found = assess(forged)

        assert found.level == "signed_by_minting_key"
        assert "an impostor has a key and a contract" in found.levels[1].does_not_say

    def test_every_level_says_what_it_does_not_say(self) -> None:
        found = assess(Facts(creator=ARTIST, issued_at=None, contract_artist=None))

        assert all(one.does_not_say for one in (*found.levels, *found.beside))
        assert all(one.reason.startswith("Not reached") for one in found.levels)


class TestBeside:
    def test_final_and_read_back(self) -> None:
        final, media = assess(SIGNED).beside

        assert (final.id, final.reached) == ("chain_final", True)
        assert (media.id, media.reached, media.at) == ("media_verified", True, LATER)

    def test_one_file_missing_is_not_verified(self) -> None:
        media = assess(replace(SIGNED, files_read=1)).beside[1]

        assert not media.reached
        assert "1 of 2" in media.reason

    def test_they_lift_no_level(self) -> None:
        bare = Facts(creator=ARTIST, issued_at=None, contract_artist=None, is_final=True)

        assert assess(bare).level is None
