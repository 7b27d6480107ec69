"""
Makers that are contracts: the exchange asks them, as its contract will.
"""

import pytest

from tests.support.exchange import Exchange, Person

pytestmark = pytest.mark.chain

# PUSH4 magic PUSH1 224 SHL PUSH1 0 MSTORE PUSH1 32 PUSH1 0 RETURN: vouches for everything.
TRUSTING = "0x631626ba7e60e01b60005260206000f3"
# PUSH1 0 PUSH1 0 REVERT
REFUSING = "0x60006000fd"


class Wallet(Person):
    """A contract with an address and no key."""

    @property
    def address(self):
        return type(super().address)(self.key[:20])


async def post(exchange: Exchange, code: str):
    """A listing by a contract wallet, with a signature that only it can read."""
    wallet = Wallet("wallet", exchange.person("seed").key)
    exchange.contracts.node.call("anvil_setCode", str(wallet), code)
    work = exchange.mint(exchange.person("artist"), 1, to=wallet)
    prepared = await exchange.prepare_listing(wallet, work)
    submit = prepared.json()["steps"][1]["submit"]
    return await exchange.client.post(
        "/api/orders", json={**submit["body"], "signature": "0x" + "ab" * 300}
    )


class TestContractWallet:
    async def test_may_list_what_it_vouches_for(self, exchange):
        answer = await post(exchange, TRUSTING)

        assert answer.status_code == 201
        order = await exchange.order(answer.json())
        assert order["signature"] == "0x" + "ab" * 300

    @pytest.mark.parametrize("code", [REFUSING, "0x00", "0x"])
    async def test_may_not_list_what_it_does_not(self, exchange, code):
        answer = await post(exchange, code)

        assert (answer.status_code, answer.json()["code"]) == (403, "SignatureNotMakers")
        assert (await exchange.get("/api/orders"))["items"] == []
