"""The issuer's keys: rotation, leaks, and the document that lists them all."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.certificates import issuers
from api.certificates.issuers import IssuerKeyMissing, KeyNotRotated, NoSuchKey
from api.certificates.tables_issuer import AnchorRow
from nft.integrity import check_proof, multikey, secure
from nft.types import Address, Digest, caip10

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


def public(exchange):
    """The same exchange under a name of its own."""
    return replace(exchange.parts, public_url="https://gallery.example:8443/rooms")


def of_another_secret(exchange):
    """The same exchange after its secret was lost: another one makes other keys."""
    return replace(
        exchange.parts,
        secret_key=b"another secret",
        issuer_key=Ed25519PrivateKey.from_private_bytes(b"\x09" * 32),
    )


async def rotate(parts, *, now=LATER):
    async with parts.sessions.begin() as session:
        return await issuers.rotate(session, parts, note="a yearly change", now=now)


async def ask(parts, question, *more):
    async with parts.sessions() as session:
        return await question(session, parts, *more)


class TestTheFirstKey:
    async def test_signs_before_anybody_wrote_it_down(self, exchange):
        issuer = await ask(exchange.parts, issuers.current)

        assert issuer.key is exchange.parts.issuer_key
        assert issuer.did.startswith("did:key:")

    async def test_is_made_of_the_secret_as_ever(self):
        """A certificate of 2026 names this key of the secret."""
        secret = b"thirty-two characters, or a few more"

        assert multikey(issuers.derive_key(secret, 1).public_key()) == (
            "z6MktzBMyvhtCqAQqELEjMQeb8csnkkf4TSjUZw1h7w237Gx"
        )

    async def test_is_kept_so_that_it_outlives_its_secret(self, exchange):
        async with exchange.parts.sessions.begin() as session:
            await issuers.write_first(session, exchange.parts, now=NOW)
        other = replace(
            exchange.parts, issuer_key=Ed25519PrivateKey.from_private_bytes(b"\x09" * 32)
        )

        assert await ask(other, issuers.keys) == await ask(exchange.parts, issuers.keys)
        with pytest.raises(IssuerKeyMissing, match="rotate-key"):
            await ask(other, issuers.current)

    async def test_of_a_new_secret_signs_after_a_rotation(self, exchange):
        async with exchange.parts.sessions.begin() as session:
            await issuers.write_first(session, exchange.parts, now=NOW)
        other = of_another_secret(exchange)
        await rotate(other)

        assert (await ask(other, issuers.current)).key is not None
        assert len(await ask(other, issuers.keys)) == 2


class TestRotation:
    async def test_lets_another_key_sign_and_the_old_one_hold(self, exchange):
        before = await ask(exchange.parts, issuers.current)
        signed = secure({"a": 1}, key=before.key, method=before.method, created="2026-11-26")

        made = await rotate(exchange.parts)

        after = await ask(exchange.parts, issuers.current)
        assert after.method != before.method
        assert multikey(after.key.public_key()) == made.multikey
        known = await ask(exchange.parts, issuers.known)
        assert check_proof(signed).rpartition("#")[2] in known

    async def test_dates_each_key(self, exchange):
        async with exchange.parts.sessions.begin() as session:
            await issuers.write_first(session, exchange.parts, now=NOW)
        await rotate(exchange.parts)

        first, second = await ask(exchange.parts, issuers.keys)

        assert (first.valid_from, first.valid_until) == (NOW, LATER)
        assert (second.number, second.valid_from, second.valid_until) == (2, LATER, None)

    async def test_makes_a_key_that_leaked_nobodys(self, exchange):
        await rotate(exchange.parts)
        async with exchange.parts.sessions.begin() as session:
            with pytest.raises(KeyNotRotated):
                await issuers.compromise(session, exchange.parts, 2, since=NOW, note="")
            with pytest.raises(NoSuchKey):
                await issuers.compromise(session, exchange.parts, 7, since=NOW, note="")
            for since in (LATER, NOW):
                await issuers.compromise(session, exchange.parts, 1, since=since, note="lost")

        (first, second) = await ask(exchange.parts, issuers.keys)
        assert first.compromised_from == NOW
        assert await ask(exchange.parts, issuers.known) == {second.multikey: "this exchange"}


class TestSpeakers:
    """Who may sign the lists of certificates that an older key signed."""

    async def test_a_rotated_key_speaks_for_its_own_certificates(self, exchange):
        old = await ask(exchange.parts, issuers.current)
        await rotate(exchange.parts)

        found = await ask(exchange.parts, issuers.speaker_for, old.did)
        new = await ask(exchange.parts, issuers.current)

        assert found is not None
        assert (found.did, found.method) == (old.did, old.method)
        assert (await ask(exchange.parts, issuers.speaker_for, new.did)).did == new.did

    async def test_one_that_leaked_or_was_never_ours_does_not(self, exchange):
        old = await ask(exchange.parts, issuers.current)
        await rotate(exchange.parts)
        async with exchange.parts.sessions.begin() as session:
            await issuers.compromise(session, exchange.parts, 1, since=NOW, note="lost")

        assert await ask(exchange.parts, issuers.speaker_for, old.did) is None
        assert await ask(exchange.parts, issuers.speaker_for, "did:key:z6Mk") is None

    async def test_one_whose_secret_is_gone_does_not(self, exchange):
        old = await ask(exchange.parts, issuers.current)
        async with exchange.parts.sessions.begin() as session:
            await issuers.write_first(session, exchange.parts, now=NOW)
        other = of_another_secret(exchange)
        await rotate(other)

        assert await ask(other, issuers.speaker_for, old.did) is None

    async def test_under_a_public_url_the_present_key_speaks_for_all(self, exchange):
        parts = public(exchange)
        await rotate(parts)

        now = await ask(parts, issuers.current)

        assert (await ask(parts, issuers.speaker_for, now.did)).method == now.method
        assert await ask(parts, issuers.speaker_for, "did:web:another.example") is None


class TestTheDocument:
    async def test_lists_every_key_with_its_dates(self, exchange):
        parts = public(exchange)
        async with parts.sessions.begin() as session:
            await issuers.write_first(session, parts, now=NOW)
        await rotate(parts)

        found = await ask(parts, issuers.document)

        did = "did:web:gallery.example%3A8443:rooms"
        old, new = found["verificationMethod"]
        assert found["id"] == did
        assert (await ask(parts, issuers.current)).method == new["id"]
        assert old["id"] == f"{did}#{old['publicKeyMultibase']}"
        assert (old["validFrom"], old["validUntil"]) == (
            "2026-11-26T12:00:00Z",
            "2026-11-28T09:30:00Z",
        )
        assert "validUntil" not in new
        assert found["assertionMethod"] == [old["id"], new["id"]]

    async def test_lets_a_key_that_leaked_assert_nothing(self, exchange):
        parts = public(exchange)
        await rotate(parts)
        async with parts.sessions.begin() as session:
            await issuers.compromise(session, parts, 1, since=LATER, note="lost")

        found = await ask(parts, issuers.document)

        old, new = found["verificationMethod"]
        assert old["revoked"] == "2026-11-28T09:30:00Z"
        assert found["assertionMethod"] == [new["id"]]

    async def test_of_a_local_stack_is_each_keys_own(self, exchange):
        (first,) = await ask(exchange.parts, issuers.keys)
        await rotate(exchange.parts)

        newest = await exchange.get("/.well-known/did.json")
        older = await exchange.get("/.well-known/did.json", issuer=f"did:key:{first.multikey}")
        stranger = await exchange.get("/did.json", issuer="did:key:z6Mkstranger")

        assert newest["id"] == (await ask(exchange.parts, issuers.current)).did
        assert older["id"] == f"did:key:{first.multikey}"
        assert older["verificationMethod"] == newest["verificationMethod"]
        assert stranger == newest

    async def test_names_the_accounts_that_anchor(self, exchange):
        row = AnchorRow(
            chain_id=1,
            day=20_000,
            root=Digest(b"\x01" * 32),
            leaves=b"",
            prepared_at=NOW,
            anchorer=Address(b"\xa7" * 20),
        )
        async with exchange.parts.sessions.begin() as session:
            session.add(row)

        found = await exchange.get("/.well-known/did.json")

        assert found["anchorers"] == [caip10(1, Address(b"\xa7" * 20))]
