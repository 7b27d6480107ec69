"""`vernissage certificates`: what an operator does, told to the feed and to whoever asks."""

import asyncio
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from api.certificates import anchoring, versions
from api.certificates.issuing import issue_certificate
from api.events import sequencer
from nft.status_lists import read_list
from tests.api.issuer.test_anchoring import NOON, SOON, certify
from tests.support.exchange import CHAIN_ID

KEY = b"\x03" * 32
"""Of an issuer after the present one."""


async def waiting(session, count, task):
    """Return once so many wait for a lock of the kind that works have, or the task is over."""
    query = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
    while not task.done() and await session.scalar(query) < count:
        pass


class TestStatus:
    async def test_changes_are_public_and_told(self, exchange, command):
        ref, certificate = await certify(exchange)
        where = f"/api/certificates/{ref.path}/status"
        assert (await exchange.get(where))["status"] == "valid"

        await command("suspend", ref.caip19, "--reason", "disputed", "--note", "a claim")
        await command("reinstate", certificate.code, "--reason", "settled")
        told = await command("revoke", ref.path, "--reason", "rights")

        found = await exchange.get(where)
        assert (found["status"], found["history"]) == ("revoked", told["history"])
        assert [one["reason"] for one in found["history"]] == ["disputed", "settled", "rights"]
        (entry,) = [one for one in found["lists"] if one["statusPurpose"] == "revocation"]
        listed = read_list(await exchange.get("/api/status-lists/revocation/0"))
        assert listed.is_set(int(entry["statusListIndex"]))
        assert (await exchange.get(f"/api/certificates/{ref.path}")) == certificate.document

        while await sequencer.advance(exchange.parts.sessions):
            pass
        events = (await exchange.get("/api/events"))["items"]
        of_ours = [one for one in events if one["kind"].startswith("certificate.")]
        assert [one["kind"].partition(".")[2] for one in of_ours] == [
            "suspended",
            "reinstated",
            "revoked",
        ]
        assert of_ours[0]["payload"]["note"] == "a claim"

    async def test_are_of_the_version_in_force_once_they_are_kept(self, exchange, command):
        """Not of the one that is superseded while the command runs: nobody asks for that."""
        ref, _ = await certify(exchange)
        successor = replace(exchange.parts, issuer_key=Ed25519PrivateKey.from_private_bytes(KEY))
        async with exchange.parts.sessions.begin() as session:
            await versions.hold_work(session, ref)
            issuing = asyncio.create_task(issue_certificate(successor, ref, now=SOON))
            await waiting(session, 1, issuing)
            changing = asyncio.create_task(command("suspend", ref.caip19, "--reason", "disputed"))
            await waiting(session, 2, changing)

        issued, told = await asyncio.gather(issuing, changing)

        assert (issued.certificate.version, told["version"]) == (2, 2)

    async def test_say_what_cannot_be(self, exchange, command):
        ref, _ = await certify(exchange)
        await command("revoke", ref.caip19, "--reason", "rights")

        said = await command("reinstate", ref.caip19, "--reason", "error", code=2)
        assert "is revoked and cannot become valid" in said
        said = await command("revoke", ref.caip19, "--reason", "mood", code=2)
        assert "is no reason" in said
        said = await command("revoke", "abcdefghijkl", "--reason", "rights", code=2)
        assert "no certificate has the code" in said
        wrong = ("revoke", ref.caip19, "--reason", "rights", "--version", "9")
        assert "no certificate of version 9" in await command(*wrong, code=2)


class TestKeys:
    async def test_are_rotated_and_called_compromised(self, command):
        before = (await command("keys"))["keys"]

        made = await command("rotate-key", "--note", "yearly")
        await command("compromised", "1", "--since", "2026-11-20", "--note", "a laptop")

        old, new = (await command("keys"))["keys"]
        assert [one["number"] for one in before] == [1]
        assert old["key"] == before[0]["key"]
        assert old["valid_until"] == new["valid_from"]
        assert old["compromised_from"] == "2026-11-20T00:00:00Z"
        assert new == made
        assert "signs now" in await command("compromised", "2", "--since", "2026-11-20", code=2)
        assert "is no date" in await command("compromised", "1", "--since", "soon", code=2)


class TestAnchoring:
    async def test_writes_what_is_prepared_once(self, exchange, command, tmp_path):
        await certify(exchange, now=NOON)
        await anchoring.prepare_due(exchange.parts, now=SOON, early=frozenset([CHAIN_ID]))
        issuer = exchange.person("issuer")
        key_file = tmp_path / "key"
        key_file.write_text(issuer.key.hex() + "\n")

        first = await command("anchor", "--key-file", str(key_file))
        again = await command("anchor", "--key-file", str(key_file))

        day = int(NOON.timestamp()) // 86_400
        assert day in first["days"]
        assert first["anchorer"] == str(issuer)
        assert again["days"] == []
        status = await exchange.client.get("/status", params={"format": "json"})
        (told,) = status.json()["anchors"]
        assert told["days_waiting"] == 0
        assert told["last_day"] >= "2020-01-15"

    async def test_says_what_is_missing(self, command, tmp_path):
        wrong = tmp_path / "key"
        wrong.write_text("0x1234")

        said = await command("anchor", "--key-file", str(wrong), code=2)
        assert "holds no private key" in said
        assert "1234" not in said.replace(str(tmp_path), "")
        said = await command("anchor", "--chain", "5", "--key-file", str(wrong), code=2)
        assert f"one of {CHAIN_ID}" in said
