"""
Domains bound to keys: both sides, read strictly, again each day, lost in public.
"""

import asyncio
import threading
from asyncio import gather
from dataclasses import replace
from datetime import timedelta

import pytest
from anyio import to_thread

from api.standing import bindings
from api.standing.asking import ask
from nft.bindings import Binding
from nft.outgoing import Fetched, NoAnswer
from tests.api.standing.conftest import Desk
from tests.support.exchange import CHAIN_ID, Person
from tests.support.tls_host import answer, sends

pytestmark = pytest.mark.chain

PATH = "/.well-known/vernissage.json"


class TestBothSides:
    async def test_verify_the_creator(self, desk: Desk, artist: Person) -> None:
        work = desk.mint_own(artist)
        before = await desk.level(work)

        bound = await desk.bind(artist, "atelier.art")

        found = await desk.standing(work)
        assert bound.status_code == 201, bound.text
        assert (before, found["assurance"]["level"]) == (
            "signed_by_minting_key",
            "creator_verified",
        )
        assert [(one["name"], one["state"]) for one in found["bindings"]] == [
            ("atelier.art", "held")
        ]
        [reading] = desk.rows("SELECT url, host, outcome, sha256 IS NULL FROM book_readings")
        assert reading == (f"https://atelier.art{PATH}", "atelier.art", "held", False)

    async def test_posted_twice_at_once_is_one(self, desk: Desk, artist: Person) -> None:
        prepared = (await desk.prepare_binding(artist, domain="atelier.art")).json()
        desk.publish("atelier.art", prepared["publish"]["document"])
        step = prepared["intent"]["steps"][0]

        answers = await gather(*[desk.post_signed(artist, step) for _ in range(4)])

        assert {one.status_code for one in answers} == {201}
        assert len(desk.rows("SELECT 1 FROM book_bindings")) == 1

    async def test_by_a_did(self, desk: Desk, artist: Person) -> None:
        prepared = (await desk.prepare_binding(artist, did="did:web:atelier.art")).json()
        document = prepared["publish"]["document"]
        desk.publish("atelier.art", document, "/.well-known/did.json")

        bound = await desk.post_signed(artist, prepared["intent"]["steps"][0])

        assert bound.status_code == 201, bound.text
        assert bound.json()["name"] == "did:web:atelier.art"
        intent = await desk.get(f"/api/intents/{prepared['intent']['id']}")
        assert intent["state"] == "final"

    async def test_the_domain_alone_binds_nothing(self, desk: Desk, artist: Person) -> None:
        """Anybody may list the artist's account on a domain of theirs."""
        work = desk.mint_own(artist)
        binding = Binding(
            chain_id=CHAIN_ID,
            account=artist.address,
            domain="fan.art",
            method="well-known",
            issued_at=int(desk.clock().timestamp()),
        )
        desk.publish("fan.art", binding.to_publish())

        assert await desk.level(work) == "signed_by_minting_key"
        assert (await desk.standing(work))["bindings"] == []

    async def test_the_key_alone_binds_nothing(self, desk: Desk, artist: Person) -> None:
        bound = await desk.bind(artist, "museum.art", publish=False)

        assert bound.status_code == 503
        assert bound.json()["code"] == "DomainSilent"
        assert desk.rows("SELECT count(*) FROM book_bindings") == [(0,)]


class TestImpostor:
    async def test_with_an_own_contract_does_not_become_the_artist(
        self, desk: Desk, artist: Person, impostor: Person
    ) -> None:
        """All is as the artist's: own contract, statement, frozen. The domain knows better."""
        await desk.bind(artist, "atelier.art")
        forged = desk.mint_own(impostor)

        bound = await desk.bind(impostor, "atelier.art", publish=False)

        assert bound.status_code == 409
        assert bound.json()["code"] == "DomainDoesNotSaySo"
        assert await desk.level(forged) == "signed_by_minting_key"
        assert (await desk.standing(forged))["bindings"] == []

    async def test_cannot_post_the_artists_signature_as_its_own(
        self, desk: Desk, artist: Person, impostor: Person
    ) -> None:
        prepared = (await desk.prepare_binding(artist, domain="atelier.art")).json()
        step = prepared["intent"]["steps"][0]
        desk.publish("atelier.art", prepared["publish"]["document"])
        body = {**step["submit"]["body"], "signature": artist.sign(step["typed_data"])}

        answered = await desk.client.post("/api/bindings", json=body | {"account": str(impostor)})

        assert answered.status_code == 403
        assert answered.json()["code"] == "SignatureNotTheAccounts"
        assert desk.web.asked("atelier.art") == 0

    @pytest.mark.parametrize("change", [{"domain": "other.art"}, {"chain_id": "1"}])
    async def test_a_signature_holds_for_one_domain_method_and_chain(
        self, desk: Desk, artist: Person, change: dict[str, str]
    ) -> None:
        prepared = (await desk.prepare_binding(artist, domain="atelier.art")).json()
        step = prepared["intent"]["steps"][0]
        body = {**step["submit"]["body"], "signature": artist.sign(step["typed_data"])}

        answered = await desk.client.post("/api/bindings", json=body | change)

        assert answered.status_code in (403, 404)
        assert desk.rows("SELECT count(*) FROM book_bindings") == [(0,)]


class TestReading:
    @pytest.mark.parametrize("domain", ["atelier.art:8443", "аpple.art"])
    async def test_names_that_are_none_are_refused(
        self, desk: Desk, artist: Person, domain: str
    ) -> None:
        answered = await desk.prepare_binding(artist, domain=domain)

        assert answered.status_code == 422
        assert answered.json()["code"] == "DomainInvalid"
        assert answered.json()["errors"][0]["pointer"] == "/domain"

    @pytest.mark.parametrize(
        "address",
        ["169.254.169.254", "::ffff:10.0.0.1"],
    )
    async def test_a_name_that_leads_inside_is_not_followed(
        self, desk: Desk, artist: Person, address: str
    ) -> None:
        desk.web.resolve = lambda host, port: [address]

        answered = await desk.bind(artist, "inside.art", publish=False)

        assert answered.status_code == 409
        assert "not on the public internet" in answered.json()["detail"]

    async def test_a_redirect_is_not_followed(self, desk: Desk, artist: Person) -> None:
        """Another host would speak in the domain's name: any open redirect could do it."""
        desk.web.publish(
            "open.art",
            PATH,
            sends(answer(b"", status="302 Found", Location="https://impostor.art/x.json")),
        )

        answered = await desk.bind(artist, "open.art", publish=False)

        assert answered.status_code == 409
        assert "redirects" in answered.json()["detail"]

    @pytest.mark.parametrize(
        "page",
        [
            answer(b'{"format": "vernissage-binding-v1", "accounts": []}'),
            answer(b" " * 70_000),
        ],
    )
    async def test_other_answers_bind_nothing(
        self, desk: Desk, artist: Person, page: bytes
    ) -> None:
        desk.web.publish("atelier.art", PATH, sends(page))

        answered = await desk.bind(artist, "atelier.art", publish=False)

        assert answered.status_code == 409
        assert desk.rows("SELECT outcome FROM book_readings") == [("lost",)]

    async def test_a_host_is_not_asked_without_end(self, desk: Desk, artist: Person) -> None:
        desk.web.publish("atelier.art", PATH, b"{}")
        answers = [await desk.bind(artist, "atelier.art", publish=False) for _ in range(3)]
        desk.media_engine.dispose()
        with desk.media_engine.begin() as connection:
            connection.exec_driver_sql(
                "INSERT INTO book_readings (url, host, outcome, detail, read_at) "
                "SELECT 'x', 'atelier.art', 'lost', '', now() FROM generate_series(1, 17)"
            )

        by_hearsay = await desk.bind(artist, "atelier.art", publish=False)
        by_did = (await desk.prepare_binding(artist, did="did:web:atelier.art")).json()
        unheard = await desk.post_signed(artist, by_did["intent"]["steps"][0])

        assert {one.status_code for one in answers} == {409}
        assert (by_hearsay.status_code, by_hearsay.json()["code"]) == (409, "DomainDoesNotSaySo")
        assert (unheard.status_code, unheard.json()["code"]) == (429, "TooMuchSaid")
        assert desk.web.asked("atelier.art") == 3

    async def test_strangers_who_have_it_asked_do_not_keep_its_owner_waiting(
        self, desk: Desk, artist: Person
    ) -> None:
        """Whoever comes next is answered by what it said within the minute, or has it asked."""
        prepared = (await desk.prepare_binding(artist, domain="atelier.art")).json()
        desk.publish("atelier.art", prepared["publish"]["document"])
        desk.asked_by_strangers("atelier.art")
        too_soon = await desk.post_signed(artist, prepared["intent"]["steps"][0])
        desk.clock.ahead = timedelta(seconds=61)
        of_a_stranger = await desk.bind(desk.person("stranger"), "atelier.art", publish=False)

        bound = await desk.post_signed(artist, prepared["intent"]["steps"][0])

        assert [one.status_code for one in (too_soon, of_a_stranger, bound)] == [429, 409, 201]
        assert desk.web.asked("atelier.art") == 1
        assert bound.json()["state"] == "held"

    async def test_slow_hosts_hold_up_nothing_else(self, desk: Desk) -> None:
        """Anybody has hosts of theirs asked, as many as they like, and may let each stall."""
        is_asked, may_answer = threading.Event(), threading.Event()

        def read(url: str) -> Fetched:
            is_asked.set()
            may_answer.wait(60)
            raise NoAnswer("slow")

        parts = replace(desk.parts, read_domain=read)
        asked = ask(parts, "https://slow.art/x", check=lambda body: None, now=desk.clock())
        asking = asyncio.create_task(asked)
        await asyncio.to_thread(is_asked.wait, 60)
        busy = to_thread.current_default_thread_limiter().borrowed_tokens
        may_answer.set()

        assert busy == 0
        assert (await asking).outcome == "silent"


class TestLater:
    async def test_a_lost_binding_is_shown_with_its_dates(self, desk: Desk, artist: Person) -> None:
        work = desk.mint_own(artist)
        await desk.bind(artist, "atelier.art")
        desk.publish("atelier.art", {"format": "vernissage-binding-v1", "accounts": []})
        desk.clock.ahead = timedelta(days=1, minutes=1)

        asked = await bindings.read_again(desk.parts, desk.clock())

        [binding] = (await desk.standing(work))["bindings"]
        assert asked == 1
        assert binding["state"] == "lost"
        assert [turn["says"] for turn in binding["turns"]] == ["held", "lost"]
        assert await desk.level(work) == "signed_by_minting_key"

    async def test_it_comes_back_with_the_domain(self, desk: Desk, artist: Person) -> None:
        bound = (await desk.bind(artist, "atelier.art")).json()
        listed = desk.web.hosts["atelier.art"].pages[PATH]
        desk.web.publish("atelier.art", PATH, b"{}")
        desk.clock.ahead = timedelta(days=2)
        await bindings.read_again(desk.parts, desk.clock())
        desk.web.publish("atelier.art", PATH, listed)
        desk.clock.ahead = timedelta(days=4)
        await bindings.read_again(desk.parts, desk.clock())

        found = await desk.get(f"/api/bindings/{bound['id']}")

        assert found["state"] == "held"
        assert [turn["says"] for turn in found["turns"]] == ["held", "lost", "held"]

    async def test_strangers_do_not_keep_it_from_being_read(
        self, desk: Desk, artist: Person
    ) -> None:
        """Anybody may post a signature of theirs for this domain, and have it asked until it may
        not be asked any more; after two weeks of that the binding would count as silent."""
        bound = (await desk.bind(artist, "atelier.art")).json()
        desk.clock.ahead = timedelta(days=1, minutes=1)
        desk.asked_by_strangers("atelier.art")

        await bindings.read_again(desk.parts, desk.clock())

        again = await desk.bind(artist, "atelier.art", publish=False)
        found = await desk.get(f"/api/bindings/{bound['id']}")
        assert again.status_code == 201  # By what it said just now.
        assert desk.web.asked("atelier.art") == 2
        assert found["read_at"] > bound["read_at"]

    async def test_neither_do_many_of_one_domain(self, desk: Desk, artist: Person) -> None:
        """Those of a host that is asked no more stay the oldest, and would be all that is due."""
        bound = (await desk.bind(artist, "atelier.art")).json()
        desk.bound_long_ago("many.art", 60)
        desk.clock.ahead = timedelta(days=1, minutes=1)

        asked = await bindings.read_again(desk.parts, desk.clock())

        found = await desk.get(f"/api/bindings/{bound['id']}")
        assert 1 < asked < 20
        assert found["read_at"] > bound["read_at"]

    async def test_silence_is_no_loss_for_a_while(self, desk: Desk, artist: Person) -> None:
        bound = (await desk.bind(artist, "atelier.art")).json()
        desk.web.hosts.clear()
        desk.clock.ahead = timedelta(days=2)
        await bindings.read_again(desk.parts, desk.clock())
        soon = await desk.get(f"/api/bindings/{bound['id']}")

        desk.clock.ahead = timedelta(days=15)

        late = await desk.get(f"/api/bindings/{bound['id']}")
        assert (soon["state"], late["state"]) == ("held", "silent")

    async def test_a_withdrawn_one_is_not_revived_by_its_old_signature(
        self, desk: Desk, artist: Person
    ) -> None:
        prepared = (await desk.prepare_binding(artist, domain="atelier.art")).json()
        desk.publish("atelier.art", prepared["publish"]["document"])
        step = prepared["intent"]["steps"][0]
        bound = (await desk.post_signed(artist, step)).json()
        auth = await desk.sign_in(artist)
        withdrawn = await desk.client.post(f"/api/bindings/{bound['id']}/withdraw", headers=auth)

        again = await desk.post_signed(artist, step)

        assert withdrawn.json()["state"] == "withdrawn"
        assert (again.status_code, again.json()["code"]) == (409, "SignatureTooOld")
        listed = await desk.get("/api/bindings", account=str(artist))
        assert [one["state"] for one in listed["items"]] == ["withdrawn"]

    async def test_only_the_account_withdraws(
        self, desk: Desk, artist: Person, impostor: Person
    ) -> None:
        bound = (await desk.bind(artist, "atelier.art")).json()
        auth = await desk.sign_in(impostor)

        answered = await desk.client.post(f"/api/bindings/{bound['id']}/withdraw", headers=auth)

        assert (answered.status_code, answered.json()["code"]) == (403, "NotYours")

    async def test_an_old_signature_is_not_taken(self, desk: Desk, artist: Person) -> None:
        prepared = (await desk.prepare_binding(artist, domain="atelier.art")).json()
        desk.publish("atelier.art", prepared["publish"]["document"])
        desk.clock.ahead = timedelta(days=2)

        answered = await desk.post_signed(artist, prepared["intent"]["steps"][0])

        assert (answered.status_code, answered.json()["code"]) == (409, "SignatureTooOld")


def test_the_same_binding_says_the_same(desk: Desk, artist: Person) -> None:
    binding = Binding(
        chain_id=CHAIN_ID,
        account=artist.address,
        domain="atelier.art",
        method="well-known",
        issued_at=1,
    )

    assert replace(binding, issued_at=2).to_publish() == binding.to_publish()
