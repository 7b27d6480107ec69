"""
Claims: what carries one, who is heard, how it ends, and that all of it stays.
"""

import hashlib

import pytest

from api.standing import claims
from nft.metadata import Asset
from nft.types import Digest, TokenRef
from tests.api.standing.conftest import Desk
from tests.support.exchange import Person

pytestmark = pytest.mark.chain


def picture(name: str) -> Asset:
    content = hashlib.sha256(name.encode()).digest()
    return Asset("image", "bafy" + content.hex(), "p", Digest(content), "image/png", 9)


@pytest.fixture
def original(desk: Desk, artist: Person) -> TokenRef:
    return desk.mint(artist, 1, title="Haze", assets=(picture("haze"),))


@pytest.fixture
def copied(desk: Desk, impostor: Person, original: TokenRef) -> TokenRef:
    return desk.mint(impostor, 1, title="Mist", assets=(picture("haze"),))


class TestClaim:
    async def test_by_an_earlier_work_with_the_same_file(
        self, desk: Desk, artist: Person, original: TokenRef, copied: TokenRef
    ) -> None:
        made = await desk.claim(artist, copied, asset=original.caip19)

        [shown] = (await desk.standing(copied))["claims"]
        assert made.status_code == 201, made.text
        assert shown == made.json()
        assert (shown["state"], shown["basis"]) == ("open", "earlier_work")
        assert shown["evidence"]["likeness"] == "same_file"
        assert shown["evidence"]["asset"] == original.caip19

    async def test_by_a_bound_domain_of_one_who_owns_nothing_here(
        self, desk: Desk, copied: TokenRef
    ) -> None:
        painter = desk.person("painter")
        binding = (await desk.bind(painter, "atelier.art")).json()["id"]

        made = await desk.claim(painter, copied, binding=binding)

        assert made.status_code == 201, made.text
        assert made.json()["evidence"]["name"] == "atelier.art"

    async def test_the_copyist_cannot_claim_with_the_copy(
        self, desk: Desk, impostor: Person, original: TokenRef, copied: TokenRef
    ) -> None:
        made = await desk.claim(impostor, original, asset=copied.caip19)

        assert (made.status_code, made.json()["code"]) == (422, "EvidenceLacking")
        assert "later" in made.json()["detail"]

    async def test_anothers_work_carries_nothing(
        self, desk: Desk, original: TokenRef, copied: TokenRef
    ) -> None:
        made = await desk.claim(desk.person("stranger"), copied, asset=original.caip19)

        assert "another key" in made.json()["detail"]

    async def test_a_work_that_is_not_alike_carries_nothing(
        self, desk: Desk, artist: Person, impostor: Person
    ) -> None:
        earlier = desk.mint(artist, 5, title="Dusk", assets=(picture("dusk"),))
        later = desk.mint(impostor, 5, title="Dawn", assets=(picture("dawn"),))

        made = await desk.claim(artist, later, asset=earlier.caip19)

        assert "no likeness" in made.json()["detail"]

    async def test_a_binding_of_another_or_lost_carries_nothing(
        self, desk: Desk, artist: Person, copied: TokenRef
    ) -> None:
        binding = (await desk.bind(artist, "atelier.art")).json()["id"]
        auth = await desk.sign_in(artist)

        by_another = await desk.claim(desk.person("stranger"), copied, binding=binding)
        await desk.client.post(f"/api/bindings/{binding}/withdraw", headers=auth)
        after = await desk.claim(artist, copied, binding=binding)

        assert by_another.json()["code"] == "EvidenceLacking"
        assert after.json()["code"] == "EvidenceLacking"

    async def test_needs_an_account_and_is_one_at_a_time(
        self, desk: Desk, artist: Person, original: TokenRef, copied: TokenRef
    ) -> None:
        anonymous = await desk.client.post("/api/claims", json={})
        first = await desk.claim(artist, copied, asset=original.caip19)

        again = await desk.claim(artist, copied, asset=original.caip19)

        assert anonymous.status_code == 401
        assert (again.status_code, again.json()["code"]) == (409, "ClaimTwice")
        assert first.json()["id"] in again.json()["detail"]

    async def test_an_account_makes_few_a_day(
        self, desk: Desk, artist: Person, impostor: Person, original: TokenRef
    ) -> None:
        copies = [
            desk.mint(impostor, number, title=f"Mist {number}", assets=(picture("haze"),))
            for number in range(10, 16)
        ]

        made = [await desk.claim(artist, one, asset=original.caip19) for one in copies]

        assert [one.status_code for one in made] == [201] * 5 + [429]
        assert made[-1].headers["Retry-After"]


class TestCourse:
    async def test_is_answered_decided_and_kept(
        self, desk: Desk, artist: Person, impostor: Person, original: TokenRef, copied: TokenRef
    ) -> None:
        claim = (await desk.claim(artist, copied, asset=original.caip19)).json()["id"]
        path, auth = f"/api/claims/{claim}/answers", await desk.sign_in(impostor)
        answered = await desk.client.post(path, json={"words": "Homage."}, headers=auth)

        async with desk.parts.sessions.begin() as session:
            now = desk.clock()
            await claims.answer_as_issuer(session, now, claim_id=claim, words="We looked.")
            await claims.decide(
                session, now, claim_id=claim, decision="upheld", reason="The same file."
            )
        late = await desk.client.post(path, json={"words": "No!"}, headers=auth)

        found = await desk.get(f"/api/claims/{claim}")
        assert (answered.status_code, answered.json()["state"]) == (201, "answered")
        assert (late.status_code, late.json()["code"]) == (409, "ClaimIsOver")
        assert (found["state"], found["decision_reason"]) == ("upheld", "The same file.")
        assert [(one["role"], one["words"]) for one in found["answers"]] == [
            ("artist", "Homage."),
            ("issuer", "We looked."),
        ]

    async def test_strangers_are_not_heard(
        self, desk: Desk, artist: Person, original: TokenRef, copied: TokenRef
    ) -> None:
        claim = (await desk.claim(artist, copied, asset=original.caip19)).json()["id"]
        auth = await desk.sign_in(desk.person("stranger"))

        answered = await desk.client.post(
            f"/api/claims/{claim}/answers", json={"words": "Me too."}, headers=auth
        )
        withdrawn = await desk.client.post(
            f"/api/claims/{claim}/withdraw", json={"reason": "Never mind."}, headers=auth
        )

        assert (answered.status_code, answered.json()["code"]) == (403, "NotAParty")
        assert (withdrawn.status_code, withdrawn.json()["code"]) == (403, "NotYours")

    async def test_a_withdrawn_one_stays(
        self, desk: Desk, artist: Person, original: TokenRef, copied: TokenRef
    ) -> None:
        claim = (await desk.claim(artist, copied, asset=original.caip19)).json()["id"]
        auth = await desk.sign_in(artist)

        await desk.client.post(
            f"/api/claims/{claim}/withdraw", json={"reason": "We agreed."}, headers=auth
        )

        [shown] = (await desk.get("/api/claims", asset=copied.caip19))["items"]
        assert (shown["state"], shown["withdrawn_reason"]) == ("withdrawn", "We agreed.")
        assert shown["reason"] == "I made this before."

    @pytest.mark.parametrize("words", ["<b>bold</b>", "\u202e"])
    async def test_hostile_words_are_refused(
        self, desk: Desk, artist: Person, original: TokenRef, copied: TokenRef, words: str
    ) -> None:
        claim = (await desk.claim(artist, copied, asset=original.caip19)).json()["id"]
        auth = await desk.sign_in(artist)

        answered = await desk.client.post(
            f"/api/claims/{claim}/answers", json={"words": words}, headers=auth
        )

        assert answered.status_code == 422
