"""
Makers whose wallet is a contract, there already or not yet (ERC-1271, ERC-6492).
"""

import pytest
from eth_abi import encode

from nft.types import Address
from tests.support.exchange import CHAIN_ID, ETHER, Person
from tests.support.trader import Trader, work_of

pytestmark = pytest.mark.chain

# PUSH4 magic PUSH1 224 SHL PUSH1 0 MSTORE PUSH1 32 PUSH1 0 RETURN: vouches for everything.
TRUSTING = "0x631626ba7e60e01b60005260206000f3"
SIGNATURE = b"\xab" * 90


class Wallet(Person):
    """A contract with an address and no key."""

    @property
    def address(self) -> Address:
        return Address(self.key[:20])


def factory(trader: Trader, name: str, makes: Address) -> Address:
    """A factory that claims to make a wallet at an address."""
    found = trader.person(name).address
    code = f"0x73{makes.hex()}60005260206000f3"
    trader.contracts.node.call("anvil_setCode", str(found), code)
    return found


def wrapped(made_by: Address) -> str:
    """ERC-6492: factory, its calldata and the signature, and the magic end."""
    inner = encode(["address", "bytes", "bytes"], [str(made_by), b"\x01\x02", SIGNATURE])
    return "0x" + inner.hex() + "6492" * 16


@pytest.fixture
def wallet(trader: Trader) -> Wallet:
    return Wallet("wallet", trader.person("seed").key)


async def submit(trader: Trader, wallet: Wallet, signature: str, **wanted):
    body = {"maker": str(wallet), "chain_id": str(CHAIN_ID), **wanted}
    intent = await trader.ask("/api/orders/prepare", body)
    step = intent["steps"][-1]["submit"]
    return await trader.client.request(
        step["method"], step["href"], json={**step["body"], "signature": signature}
    )


class TestUndeployedWallet:
    async def test_is_waited_for_with_its_bare_signature(self, trader: Trader, artist, wallet):
        work = trader.mint(artist, 1, to=wallet)
        maker = factory(trader, "factory", wallet.address)

        posted = await submit(trader, wallet, wrapped(maker), **work_of(work), price=str(ETHER))
        before = [one["code"] for one in posted.json()["reasons"]]
        trader.contracts.node.call("anvil_setCode", str(wallet), TRUSTING)
        after = await trader.order(posted.json())

        assert posted.status_code == 201
        assert before == ["NotApproved", "WalletNotDeployed"]
        assert [one["code"] for one in after["reasons"]] == ["NotApproved"]
        assert after["signature"] == "0x" + SIGNATURE.hex()

    async def test_is_not_taken_from_a_factory_that_makes_another(
        self, trader: Trader, artist, wallet
    ):
        work = trader.mint(artist, 1, to=wallet)
        maker = factory(trader, "factory", artist.address)

        refused = await submit(trader, wallet, wrapped(maker), **work_of(work), price="5")

        assert (refused.status_code, refused.json()["code"]) == (403, "SignatureNotMakers")
        assert (await trader.get("/api/orders"))["items"] == []

    async def test_must_be_wrapped_whole(self, trader: Trader, artist, wallet):
        work = trader.mint(artist, 1, to=wallet)
        half = "0x" + "6492" * 16

        refused = await submit(trader, wallet, half, **work_of(work), price="5")

        assert (refused.status_code, refused.json()["code"]) == (422, "NotASignature")


class TestContractWallet:
    @pytest.mark.parametrize(
        "wanted",
        [
            {"kind": "auction", "reserve": str(ETHER), "duration": 3_600},
            {"listings": 2},
        ],
        ids=["auction", "bulk"],
    )
    async def test_signs_every_kind(self, trader: Trader, artist, wallet, wanted):
        trader.contracts.node.call("anvil_setCode", str(wallet), TRUSTING)
        works = [trader.mint(artist, serial, to=wallet) for serial in (1, 2)]
        body = {"maker": str(wallet), "chain_id": str(CHAIN_ID)}
        if "listings" in wanted:
            listings = [{**body, **work_of(ref), "price": "5"} for ref in works]
            intent = await trader.ask("/api/orders/prepare", {"listings": listings})
        else:
            intent = await trader.ask(
                "/api/orders/prepare", {**body, **work_of(works[0]), **wanted}
            )
        step = intent["steps"][-1]["submit"]
        signed = {**step["body"], "signature": "0x" + SIGNATURE.hex()}

        posted = await trader.client.post(step["href"], json=signed)

        assert posted.status_code == 201
        assert (await trader.intent(intent["id"]))["state"] == "final"
