"""
What people do with intents of any kind: carry them out step by step, and count the money.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from nft.chain.contracts import Erc20, Weth, ask_many
from nft.types import ZERO_ADDRESS, Address, TokenRef
from tests.support.exchange import CHAIN_ID, Person
from tests.support.studio import Studio


@dataclass
class Trader(Studio):
    """The exchange with everything that a wallet or a script does at it."""

    @property
    def weth(self) -> Address:
        return self.deployment.currencies[0].address

    async def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return await self.client.post(path, json=body)

    async def ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """An intent."""
        answer = await self.post(path, body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def carry_out(self, person: Person, intent: dict[str, Any]) -> dict[str, Any]:
        """
        Every step that is left, in order: signed, or sent and mirrored.

        Answers what the last signature was answered with, or the intent after its transaction.
        """
        done: set[str] = set()
        answer: dict[str, Any] = {}
        present = intent
        while True:
            steps = [
                s for s in present["steps"] if s["state"] == "incomplete" and s["id"] not in done
            ]
            if not steps:
                break
            step = steps[0]
            done.add(step["id"])
            if step["kind"] == "transaction":
                receipt = self.send_step(person, step)
                assert receipt["status"] == "0x1", step["id"]
                self.catch_up()
                answer = {}
            else:
                posted = await self.post_signed(person, step)
                assert posted.status_code in (200, 201), posted.text
                answer = dict(posted.json())
            present = await self.intent(intent["id"])
        return answer or present

    async def sell(self, maker: Person, **wanted: Any) -> dict[str, Any]:
        """Prepare, do and sign whatever a sale of any kind needs; what stands on the book."""
        body = {"maker": str(maker), "chain_id": str(CHAIN_ID), **wanted}
        intent = await self.ask("/api/orders/prepare", body)
        return await self.carry_out(maker, intent)

    async def take(self, person: Person, path: str, **body: Any) -> dict[str, Any]:
        """Carry out what a path prepares; the intent afterwards."""
        intent = await self.ask(path, body)
        await self.carry_out(person, intent)
        return await self.intent(intent["id"])

    def wait(self, seconds: int) -> None:
        """Let the chain and the exchange's clock go on."""
        self.contracts.node.call("evm_increaseTime", hex(seconds))
        self.contracts.node.call("evm_mine")
        self.clock.ahead += timedelta(seconds=seconds)
        self.catch_up()

    # Money

    def held(self, currency: Address, *accounts: Person | Address) -> list[int]:
        """What these hold of a currency."""
        found = [one.address if isinstance(one, Person) else one for one in accounts]
        if currency == ZERO_ADDRESS:
            return [self.chain.balance(one) for one in found]
        return ask_many(self.chain, [Erc20(currency).balance_of(one) for one in found])

    def wrap(self, person: Person, amount: int) -> None:
        """Coin into tokens."""
        assert self.send(person, Weth(self.weth).deposit(amount))["status"] == "0x1"

    def spent_on_gas(self, receipt: dict[str, Any]) -> int:
        return int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)


def work_of(ref: TokenRef) -> dict[str, str]:
    """A work as bodies name it."""
    return {"contract": str(ref.contract), "token_id": str(ref.token_id)}
