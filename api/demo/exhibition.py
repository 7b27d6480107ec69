"""
Hanging the demo exhibition through the same public HTTP API that everybody uses.

Works are rendered and uploaded side by side, minted one after the other (the first of the hang
last, since the newest stand in front), and then live their lives. The exchange remembers how
far it came: each work carries its `external_id`, its provenance says what has happened to it,
and every request that makes something has an idempotency key. Killed anywhere and run again,
the program goes on where it stopped, and run once more it finds nothing to do.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_EXCEPTION,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from multiprocessing import get_context
from threading import Thread
from typing import Any

import httpx

from api.demo.art.catalogue import DemoWork, works
from api.demo.lives import LIVES, OWN_COLLECTIONS, Gift, Life, OwnCollection, Sale, wei
from api.demo.market import Lot, Market
from api.demo.node import Node
from api.demo.patience import Patience
from api.demo.people import PEOPLE, Person
from api.demo.visitor import Refused, Visitor

__all__ = ["PEOPLE", "hang"]

SIDE_BY_SIDE = 4
RENDERERS = 2
RIGHTS = "Demo work of an invented artist, made by code. CC0 1.0."


class WrongChain(RuntimeError):
    """The exchange and the node are not on the same chain."""

    def __init__(self, chain_id: str, known: Sequence[str]) -> None:
        super().__init__(f"the node is on chain {chain_id}, the exchange on {', '.join(known)}")


def hang(url: str, rpc_url: str, *, say: Callable[[str], None] = print) -> None:
    """
    Mint, list, sell and give what the demo exhibition shows.

    Raises `Refused`, `NodeRefused`, `TookTooLong` or `httpx.HTTPError`; run again, it goes on.
    """
    # Six people share the connections, so none may leave a session's cookie to the next.
    no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    with httpx.Client(base_url=url, timeout=60, follow_redirects=True, cookies=no_cookies) as http:
        node = Node(http, rpc_url)
        chain_id = node.chain_id()
        chains = [chain["chain_id"] for chain in http.get("/api/chains").json()["items"]]
        if chain_id not in chains:
            raise WrongChain(chain_id, chains)
        patience = Patience()
        people = {
            person.name: Visitor(person, http=http, node=node, chain_id=chain_id, patience=patience)
            for person in PEOPLE
        }
        try:
            Exhibition(people, chain_id, patience, say).hang(works())
        finally:
            patience.end()


class Exhibition:
    """One hanging: who takes part, on which chain, and whom it is told."""

    def __init__(
        self,
        people: dict[str, Visitor],
        chain_id: str,
        patience: Patience,
        say: Callable[[str], None],
    ) -> None:
        self._people = people
        self._chain_id = chain_id
        self._patience = patience
        self._say = say
        self._market = Market(people, patience, say)
        self._collections: dict[str, str] = {}
        """Each artist's own collection by the artist's name."""

    def hang(self, collection: Sequence[DemoWork]) -> None:
        """Everything, in its three passes; what is done already is passed over."""
        tokens = {work.slug: self._find(work) for work in collection}
        missing = [work for work in collection if tokens[work.slug] is None]
        for artist in dict.fromkeys(
            work.maker for work in missing if work.maker in OWN_COLLECTIONS
        ):
            self._collections[artist.name] = self._open(artist, OWN_COLLECTIONS[artist])
        with self._prepared(list(reversed(missing))) as offered:
            for work, intent in offered:
                tokens[work.slug] = self._mint(work, intent.result())
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            lives = [pool.submit(self._live, work, tokens[work.slug]) for work in collection]
            self._settle(lives)
        self._say(f"{len(collection)} works hang.")

    def _settle(self, lives: "Sequence[Future[None]]") -> None:
        """Wait for all; at the first that goes wrong the others need not wait any longer."""
        done, _ = wait(lives, return_when=FIRST_EXCEPTION)
        if any(life.exception() for life in done):
            self._patience.end()
        for life in done:
            life.result()

    def _visitor(self, person: Person) -> Visitor:
        return self._people[person.name]

    def _find(self, work: DemoWork) -> dict[str, Any] | None:
        """The work as an earlier run minted it; somebody else's of the same name is not ours."""
        artist = self._visitor(work.maker)
        asked = {"external_id": work.inventory, "creator": artist.address}
        found: list[dict[str, Any]] = artist.get("/api/tokens", **asked)["items"]
        return found[0] if found else None

    def _open(self, person: Person, wanted: OwnCollection) -> str:
        """The contract of the artist's own collection, deployed now if there is none."""
        artist = self._visitor(person)

        def find() -> str | None:
            found = artist.get("/api/collections", limit="100")["items"]
            return next(
                (
                    str(one["contract"])
                    for one in found
                    if (one["artist"], one["name"]) == (artist.address, wanted.name)
                ),
                None,
            )

        known = find()
        if known is not None:
            return known
        body = {
            "chain_id": self._chain_id,
            "artist": artist.address,
            "name": wanted.name,
            "symbol": wanted.symbol,
        }
        artist.carry_out(
            artist.intend("/api/collections", body, f"demo-collection-{wanted.symbol}")
        )
        contract = self._patience.wait_for(f"the collection {wanted.name} to be shown", find)
        self._say(f"{person.name} has opened the collection {wanted.name}")
        return contract

    @contextmanager
    def _prepared(
        self, missing: Sequence[DemoWork]
    ) -> "Iterator[list[tuple[DemoWork, Future[dict[str, Any]]]]]":
        """
        Render, upload and pin every work that is not there yet, side by side.

        Each comes with the future of its intent, so that the first can be minted while the last
        is still being drawn.
        """
        if not missing:
            yield []
            return
        self._say(f"Drawing {len(missing)} works …")
        # Spawned, not forked: a caller's threads and sockets are none of the painters' business.
        painters = ProcessPoolExecutor(
            min(RENDERERS, len(missing)),
            mp_context=get_context("spawn"),
            initializer=end_with,
            initargs=(os.getpid(),),
        )
        couriers = ThreadPoolExecutor(SIDE_BY_SIDE)
        try:
            drawn = [painters.submit(work.render) for work in missing]
            yield [
                (work, couriers.submit(self._offer, work, picture))
                for work, picture in zip(missing, drawn, strict=True)
            ]
        finally:
            painters.shutdown(wait=False, cancel_futures=True)
            couriers.shutdown(wait=False, cancel_futures=True)

    def _offer(self, work: DemoWork, drawn: "Future[bytes]") -> dict[str, Any]:
        """Upload one work and ask for its mint; returns once everything is pinned."""
        artist = self._visitor(work.maker)
        upload_id = artist.upload(
            drawn.result(),
            filename=work.filename,
            mime=work.mime,
            key=f"demo-upload-{work.slug}",
        )
        media = [{"upload_id": upload_id, "role": "image"}]
        if work.moves is not None:
            made = artist.upload(
                work.moves.render(),
                filename=work.moves.filename,
                mime=work.moves.mime,
                key=f"demo-upload-{work.slug}-moves",
            )
            media.append({"upload_id": made, "role": "animation"})
        key = f"demo-mint-{work.slug}-{upload_id}"
        intent = artist.intend("/api/mints", self._mint_body(work, media), key)
        return artist.prepared(intent)

    def _mint_body(self, work: DemoWork, media: list[dict[str, str]]) -> dict[str, Any]:
        artist = self._visitor(work.maker)
        number, size = work.edition
        life = LIVES[work.slug]
        own = self._collections.get(work.maker.name)
        shares = [(work.maker, work.royalty_bps)]
        shares += [(one.person, one.bps) for one in life.collaborators]
        return {
            "chain_id": self._chain_id,
            "creator": artist.address,
            **({"contract": own} if own else {}),
            **({"lazy": True, "list_at": {"price": first_price(life)}} if life.is_lazy else {}),
            "media": media,
            "title": work.title,
            "artist": work.artist,
            "description": work.description,
            "alt_text": work.alt_text,
            "accept_findings": True,
            "work": {
                "date": work.date,
                "medium": work.medium,
                "dimensions": work.dimensions,
                "edition": {"number": number, "size": size},
            },
            "attributes": [
                {"trait_type": trait, "value": value} for trait, value in work.attributes
            ],
            "rights": RIGHTS,
            "external_id": work.inventory,
            "royalties": [
                {"receiver": self._visitor(person).address, "bps": bps} for person, bps in shares
            ],
        }

    def _mint(self, work: DemoWork, prepared: dict[str, Any]) -> dict[str, Any]:
        """Send the mint, or leave it to the first buyer; wait until the exchange shows the work."""
        artist = self._visitor(work.maker)
        artist.carry_out(prepared)
        life = LIVES[work.slug]
        if life.is_lazy:
            self._market.redeem(work.title, artist, self._visitor(life.turns[0].to), work.slug)
        token = self._patience.wait_for(f"{work.title} to be shown", lambda: self._find(work))
        verb = "signed" if life.is_lazy else "minted"
        self._say(f"{work.artist} has {verb} {work.title}")
        return token

    def _live(self, work: DemoWork, token: dict[str, Any] | None) -> None:
        """Let happen to a work what has not happened yet."""
        if token is None:
            raise Refused(work.title, "NotMinted", "the work should have been minted by now")
        life = LIVES[work.slug]
        lot = Lot(work.title, work.slug, token)
        done = self._hands_changed(work, lot.path)
        holders = [work.maker, *(turn.to for turn in life.turns)]
        for number, turn in enumerate(life.turns):
            if number < done:
                continue
            holder = self._visitor(holders[number])
            if isinstance(turn, Gift):
                self._give(work, lot.path, holder, turn)
            else:
                self._market.sell(lot, number, holder, turn)
            self._see(work, lot.path, number + 1)
        if life.hanging is not None:
            holder = self._visitor(holders[-1])
            self._market.hang(lot, len(life.turns), holder, life.hanging)
        if life.offer is not None:
            self._market.offer(lot, life.offer)

    def _see(self, work: DemoWork, path: str, turns: int) -> None:
        """Wait until the exchange shows so many changes of hands."""

        def look() -> bool | None:
            return self._hands_changed(work, path) >= turns or None

        self._patience.wait_for(f"{work.title} to be shown with its next owner", look)

    def _hands_changed(self, work: DemoWork, path: str) -> int:
        """How often the work was sold or given so far."""
        lines = self._visitor(work.maker).get(f"{path}/provenance")["items"]
        return sum(line["event"] in ("sale", "transfer") for line in lines)

    def _give(self, work: DemoWork, path: str, holder: Visitor, gift: Gift) -> None:
        to = self._visitor(gift.to).address
        body = {"owner": holder.address, "to": to}
        intent = holder.intend(f"{path}/transfer", body, f"demo-give-{work.slug}")
        holder.carry_out(intent)
        self._say(f"{holder.person.name} has given {work.title} to {gift.to.name}")


def first_price(life: Life) -> str:
    """What the first buyer pays, for works that are sold before they are minted."""
    first = life.turns[0]
    if not isinstance(first, Sale):
        raise TypeError("a work that is minted by its buyer begins with a sale")
    return wei(first.price_eth)


def end_with(parent: int) -> None:
    """In a painter's process: end when the program that started it is gone, however it went."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    Thread(target=watch, daemon=True).start()
