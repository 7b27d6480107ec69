"""
Kill -9 over everything that makes certificates: issuing, statements, keys, anchors.

Programs die right before a write that the test chose, with a transaction in the pool, or anywhere.
In the end each work has each of its versions once, each version one place, each day one root, and
nothing waits; what was signed is there, whole, or was never acknowledged.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from eth_account import Account

from api.certificates import anchor, anchoring, issuers
from api.certificates.auditing import audit_some
from api.certificates.waiting import look_at_all
from api.key_site import KeySite
from api.local.ports import free_port
from api.local.processes import wait_until
from nft.chain.contracts import Anchors
from nft.types import Address, Digest, TokenRef
from tests.api.certificates.test_issuing import from_here, settle
from tests.support.exchange import CHAIN_ID, Exchange, Person
from tests.support.kills import SECRET, Programs

pytestmark = pytest.mark.chain

ISSUE = ("certificates", "issue", "--all")
ROTATE = ("certificates", "rotate-key")
WORKER = ("media", "worker")
MARKS_OF_ISSUING = (
    ("book_certificate_cursors",),
    ("book_status_entries",),
    ("book_certificates",),
    ("book_certificates", "book_certificates_due"),
)
MARKS_OF_STATEMENTS = (("book_statements",), ("book_stated_works",), ("book_certificates_due",))
MARKS_OF_ANCHORS = (("book_anchors",), ("book_anchored",), ("book_anchored", "book_anchors"))
MOST_SECONDS = 0.7
"""A command that is killed anywhere lives so long, at most, after it came to the database."""
ROUNDS = 9


@dataclass
class Season:
    """An issuer's days, on which programs die."""

    exchange: Exchange
    programs: Programs
    chance: random.Random
    refs: list[TokenRef] = field(default_factory=list)
    stated: set[TokenRef] = field(default_factory=set)
    artists: dict[TokenRef, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        issuer = self.exchange.person("issuer")
        self.site = KeySite(self.exchange.chain, Account.from_key(issuer.key), patience=20)
        file = self.programs.folder / "key"
        file.write_text(issuer.key.hex())
        self.anchor = ("certificates", "anchor", "--key-file", str(file))

    def mint(self, many: int) -> None:
        """So many works, whose mints are safe."""
        for _ in range(many):
            artist = self.exchange.person("artist")
            self.refs.append(self.exchange.mint(artist, len(self.refs) + 1))
            self.artists[self.refs[-1]] = artist
        settle(self.exchange)

    def next_day(self) -> None:
        """Midnight passes, for the chain and for us."""
        self.exchange.contracts.node.call("evm_increaseTime", hex(86_400))
        self.exchange.clock.ahead += timedelta(days=1)
        settle(self.exchange)

    # What programs are killed over

    def issue(self, *tables: str) -> None:
        if tables:
            self.programs.kill_at(ISSUE, *tables)
        else:
            self.programs.kill_somewhere(ISSUE, self.chance, MOST_SECONDS)

    def write_root(self, *tables: str) -> None:
        if tables:
            self.programs.kill_at(self.anchor, *tables)
        else:
            self.programs.kill_somewhere(self.anchor, self.chance, MOST_SECONDS)

    def write_root_into_the_pool(self) -> None:
        """Whoever sent it dies before it is mined."""
        node = self.exchange.contracts.node
        node.call("evm_setAutomine", False)
        try:
            self.programs.kill_while(
                self.anchor, lambda: int(node.call("txpool_status")["pending"], 16) > 0, "in pool"
            )
        finally:
            node.call("evm_setAutomine", True)
            node.mine()

    async def state(self, ref: TokenRef, *tables: str) -> None:
        """The web process dies over a statement; the artist sends it again, and once more."""
        creator = self.artists[ref]
        asked = await self.exchange.client.post(
            f"/api/tokens/{ref.path}/statement", json={"creator": str(creator)}
        )
        (step,) = asked.json()["steps"]
        body = {**step["submit"]["body"], "signature": creator.sign(step["typed_data"])}
        self._post_and_kill(step["submit"]["href"], body, tables)

        again = [await self.exchange.client.post(step["submit"]["href"], json=body) for _ in "12"]
        assert [one.status_code for one in again] == [201, 200]
        self.stated.add(ref)

    def _post_and_kill(self, path: str, body: dict[str, Any], tables: tuple[str, ...]) -> None:
        port, other = free_port(), free_port()
        web = self.programs.start("web", "--port", str(port), "--media-port", str(other))
        url = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            with suppress(httpx.TransportError):
                return httpx.get(f"{url}/ready", timeout=20).status_code > 0
            return False

        def post() -> None:
            with suppress(httpx.TransportError):
                assert httpx.post(url + path, json=body, timeout=60).status_code >= 500

        assert wait_until(answers, patience=90), web.said()
        with self.programs.marks.stopped_at(*tables) as reach:
            sender = threading.Thread(target=post)
            sender.start()
            reach()
            self.programs.kill(web, tables[-1])
            sender.join()
        self.programs.forget(web)

    # What is done in peace

    async def finish(self) -> None:
        """What the next worker or operator would do."""
        exchange = self.exchange
        exchange.catch_up()
        looks = [one async for one in look_at_all(exchange.parts, now=exchange.clock())]
        assert [one for one in looks if one.lacks] == []

    async def finish_anchoring(self) -> None:
        parts = self.exchange.parts
        await anchoring.prepare_due(parts, now=self.exchange.clock())
        async with parts.sessions() as session:
            key = (await issuers.keys(session, parts))[-1].public_key
        await anchoring.send_due(parts, CHAIN_ID, self.site, key=key)
        settle(self.exchange)
        await anchor.prove_due(parts)

    # What must hold

    async def expect_whole(self) -> None:
        await self._expect_versions()
        self._expect_places()
        self._expect_statements()
        self._expect_anchors()
        assert self.ask("SELECT * FROM book_certificates_due") == []
        found = await audit_some(self.exchange.parts, 10_000)
        assert dict(found.verdicts) == {"pass": len(self.refs)}, found.failures

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the book, as they are committed."""
        return self.programs.marks.ask(query)

    async def _expect_versions(self) -> None:
        async with self.exchange.parts.sessions() as session:
            method = (await issuers.current(session, self.exchange.parts)).method
        kept = self.ask(
            "SELECT token_id, version, method, has_evidence, mint_block_hash, metadata_digest, "
            "convert_from(body, 'UTF8')::json #>> '{credentialSubject,statement,signature}' "
            "FROM book_certificates ORDER BY token_id, version"
        )
        for ref in self.refs:
            mine = [row[1:] for row in kept if row[0] == ref.token_id.to_bytes(32, "big")]
            assert [row[0] for row in mine] == [*range(1, len(mine) + 1)]
            assert len({row[1:] for row in mine}) == len(mine), "a version says nothing new"
            _, signed_by, has_evidence, _, _, statement = mine[-1]
            assert (signed_by, has_evidence) == (method, True)
            assert (statement is not None) == (ref in self.stated)

    def _expect_places(self) -> None:
        alone = self.ask(
            "SELECT e.place, c.version FROM book_status_entries e FULL JOIN book_certificates c "
            "USING (chain_id, contract, token_id, version) WHERE e.place IS NULL OR "
            "c.version IS NULL OR e.place::text <> convert_from(c.body, 'UTF8')::json "
            "#>> '{credentialStatus,0,statusListIndex}'"
        )
        assert alone == []

    def _expect_statements(self) -> None:
        halves = self.ask(
            "SELECT s.digest, w.digest FROM book_statements s FULL JOIN book_stated_works w "
            "USING (digest) WHERE s.digest IS NULL OR w.digest IS NULL"
        )
        assert halves == []
        assert self.ask("SELECT count(*) FROM book_statements") == [(len(self.stated),)]

    def _expect_anchors(self) -> None:
        chain = self.exchange.chain
        assert self.exchange.deployment.anchors is not None
        contract = Anchors(self.exchange.deployment.anchors.address)
        days = self.ask("SELECT day, root, leaves, anchorer, evidence IS NULL FROM book_anchors")
        leaves = {}
        for day, root, packed, anchorer, unproven in days:
            assert anchorer is not None
            assert not unproven
            assert contract.anchor_of(Address(anchorer), day).ask(chain)[0] == Digest(root)
            leaves[day] = anchoring.unpack(packed)
        for certificate, day in self.ask("SELECT certificate, day FROM book_anchored"):
            assert Digest(certificate) in leaves[day]
        self._expect_nothing_sent_twice(contract, [row[3] for row in days])

    def _expect_nothing_sent_twice(self, contract: Anchors, anchorers: list[bytes]) -> None:
        """The issuer's transactions: a root for each of its days, and each key once."""
        chain, sender = self.exchange.chain, self.site.sender
        count = contract.key_count_of(sender).ask(chain)
        keys = [contract.key_of(sender, place).ask(chain)[0] for place in range(count)]
        assert len({*keys}) == count
        roots = Counter(anchorers)[bytes(sender)]
        assert chain.transaction_count(sender) == count + roots


@pytest.fixture
def programs(exchange: Exchange, tmp_path: Path) -> Iterator[Programs]:
    # Certificates of this process and of those beside it are signed by one key.
    secret = SECRET.encode()
    key = issuers.derive_key(secret, 1)
    exchange.parts = replace(exchange.parts, secret_key=secret, issuer_key=key)
    made = Programs(exchange, tmp_path)
    yield made
    made.end()


@pytest.fixture
async def season(exchange: Exchange, programs: Programs) -> Season:
    await from_here(exchange)
    return Season(exchange, programs, random.Random(20261126))


@pytest.mark.timeout(400)
async def test_three_kills(season: Season) -> None:
    season.mint(2)
    season.issue("book_certificates", "book_certificates_due")
    kept = season.ask("SELECT count(*) FROM book_certificates")
    await season.finish()
    await season.state(season.refs[0], "book_stated_works")
    await season.finish()
    season.next_day()
    season.write_root("book_anchored", "book_anchors")
    recorded = season.ask("SELECT anchorer FROM book_anchors")
    await season.finish_anchoring()

    assert (kept, recorded) == ([(1,)], [(None,)])
    assert sum(season.programs.done.values()) == 3
    await season.expect_whole()


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_a_season_of_kills(season: Season) -> None:
    for number in range(ROUNDS):
        season.mint(2)
        for tables in (*MARKS_OF_ISSUING, ()):
            season.issue(*tables)
        await season.finish()
        chosen = MARKS_OF_STATEMENTS[number % 3]
        await season.state(season.refs[-1], *chosen)
        if number % 3 == 0:
            rotate(season)
        season.programs.kill_somewhere(WORKER, season.chance, 12)
        await season.finish()
        # The worker may have made today's tree early; tomorrow's is left to the others.
        season.next_day()
        season.next_day()
        for act in acts_of_anchoring(season, number):
            act()
        await season.finish_anchoring()
        await season.finish()
        await season.finish_anchoring()
        await season.expect_whole()

    # What a campaign came to; it is shown with `-s` alone.
    done = season.programs.done
    print(f"{sum(done.values())} kills: {dict(done)}; {len(season.refs)} works")  # noqa: T201
    assert sum(done.values()) >= 60


def acts_of_anchoring(season: Season, number: int) -> list[Callable[[], None]]:
    """A kill with a root in the pool, anywhere, or at one of the marks that a new day has."""
    marked = MARKS_OF_ANCHORS[number % 3]
    before = [lambda: season.write_root(*marked)]
    if marked == MARKS_OF_ANCHORS[-1]:
        return [*before, season.write_root]
    return [*before, season.write_root_into_the_pool, season.write_root]


def rotate(season: Season) -> None:
    """A rotation dies with nothing done, is done, and dies anywhere: then done again, or not."""
    numbers = "SELECT count(*) FROM book_issuer_keys"
    ((before,),) = season.ask(numbers)
    season.programs.kill_at(ROTATE, "book_issuer_keys")
    ((dead,),) = season.ask(numbers)
    told = season.programs.run(*ROTATE)
    season.programs.kill_somewhere(ROTATE, season.chance, MOST_SECONDS)
    ((after,),) = season.ask(numbers)

    assert dead == before
    assert told["number"] == max(before, 1) + 1
    assert after - told["number"] in (0, 1)
