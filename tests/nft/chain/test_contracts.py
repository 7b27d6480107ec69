"""Calldata by prepared encoders equals the ABI's own."""

from dataclasses import replace

import pytest
from eth_abi.abi import encode
from eth_abi.exceptions import EncodingError

from nft.chain.abi import load, selector
from nft.chain.contracts import (
    Collection,
    CollectionFactory,
    Exchange,
    Splitter,
    SplitterFactory,
    Weth,
)
from nft.chain.deployments import Deployment, load_all, save
from nft.chain.deployments import load as load_deployment
from nft.chain.protocol import Call
from nft.orders import ALONE, Bulk, Item, Kind, Order, Permit
from nft.royalties import Share
from nft.types import Address, Digest
from tests.support.people import ARTIST, COLLECTOR, EXCHANGE, HOUSE, WORK, deployed

ORDER_TUPLE = (
    "(uint8,address,address,address,uint256,uint256,(address,uint256,uint256)[],bytes32,bytes32,"
    "address,uint256,uint256,uint64,uint64,uint16,uint16,uint256,uint256)"
)

LISTING = Order(
    kind=Kind.LISTING,
    maker=ARTIST,
    collection=HOUSE,
    token_id=WORK,
    transfer_count=0,
    more=(Item(HOUSE, WORK, 2),),
    price=10,
    end_price=10,
    start=1,
    end=2,
    max_royalty_bps=1000,
    max_fee_bps=200,
    nonce=3,
    counter=4,
)

EX = Exchange(EXCHANGE)
TOLD = Digest(b"\x05" * 32)


class TestCalldata:
    def test_of_a_fill_carries_order_signature_and_price(self) -> None:
        nobody = "0x" + "00" * 20
        values = (
            0, str(ARTIST), nobody, str(HOUSE), WORK, 0, [(str(HOUSE), WORK, 2)], bytes(32),
            bytes(32), nobody, 10, 10, 1, 2, 1000, 200, 3, 4,
        )  # fmt: skip

        call = Exchange(EXCHANGE).fill(LISTING, b"\x01" * 65)

        expected = encode([ORDER_TUPLE, "bytes"], [values, b"\x01" * 65])
        assert call.data == selector(f"fill({ORDER_TUPLE},bytes)") + expected
        assert (call.to, call.value) == (EXCHANGE, 10)

    def test_of_a_mint(self) -> None:
        told = Digest(b"\x05" * 32)

        call = Collection(HOUSE).mint(ARTIST, WORK, told, 500, COLLECTOR)

        types = ["address", "uint256", "bytes32", "uint16", "address"]
        expected = encode(types, [str(ARTIST), WORK, told, 500, str(COLLECTOR)])
        assert call.data == selector(f"mint({','.join(types)})") + expected

    def test_of_a_transfer_is_the_safe_one(self) -> None:
        call = Collection(HOUSE).transfer(ARTIST, COLLECTOR, WORK)

        assert call.data[:4].hex() == "42842e0e"

    def test_refuses_a_value_outside_its_type(self) -> None:
        with pytest.raises(EncodingError):
            Collection(HOUSE).mint(ARTIST, 2**256, Digest(bytes(32)), 500, ARTIST)

    def test_of_a_deployment_ends_with_the_constructors_arguments(self) -> None:
        data = load("Exchange").creation(ARTIST, COLLECTOR, 200)

        types = ["address", "address", "uint16"]
        assert data.endswith(encode(types, [str(ARTIST), str(COLLECTOR), 200]))


CALLS = [
    (EX.cancel([1, 2]), "cancel(uint256[])"),
    (EX.cancel_all(), "cancelAll()"),
    (EX.set_currency(HOUSE, True), "setCurrency(address,bool)"),
    (EX.withdraw(ARTIST), "withdraw(address,address)"),
    (EX.withdraw_for(ARTIST, HOUSE), "withdrawFor(address,address)"),
    (EX.withdraw_fees(), "withdrawFees(address)"),
    (EX.set_fee(1), "setFee(uint16)"),
    (EX.set_fee_receiver(ARTIST), "setFeeReceiver(address)"),
    (EX.set_guardian(ARTIST), "setGuardian(address)"),
    (EX.pause(), "pause()"),
    (EX.unpause(), "unpause()"),
    (EX.retire(), "retire()"),
    (EX.transfer_ownership(ARTIST), "transferOwnership(address)"),
    (EX.accept_ownership(), "acceptOwnership()"),
    (Collection(HOUSE).set_minter(ARTIST, True), "setMinter(address,bool)"),
    (Collection(HOUSE).set_default_royalty(500), "setDefaultRoyalty(uint16,address)"),
    (Collection(HOUSE).set_contract_metadata(TOLD), "setContractMetadata(bytes32)"),
    (Collection(HOUSE).freeze_all(), "freezeAll()"),
    (
        Collection(HOUSE).mint_edition(ARTIST, WORK, 9, TOLD, 500),
        "mintEdition(address,uint256,uint256,bytes32,uint16,address)",
    ),
    (CollectionFactory(HOUSE).create("A", "B"), "create(string,string,bytes32,bytes32)"),
    (Weth(HOUSE).deposit(5), "deposit()"),
    (Weth(HOUSE).withdraw(5), "withdraw(uint256)"),
    (Weth(HOUSE).transfer(ARTIST, 5), "transfer(address,uint256)"),
    (
        Weth(HOUSE).permit(ARTIST, EXCHANGE, Permit(1, 2, 27, TOLD, TOLD)),
        "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
    ),
    (Splitter(HOUSE).release(ARTIST), "release(address,address)"),
    (
        SplitterFactory(HOUSE).create([Share(COLLECTOR, 5_000), Share(ARTIST, 5_000)]),
        "create((address,uint16)[])",
    ),
]


class TestEveryCall:
    @pytest.mark.parametrize(("call", "signature"), CALLS, ids=[one[1] for one in CALLS])
    def test_says_the_function_that_it_means(self, call: Call, signature: str) -> None:
        assert call.data[:4] == selector(signature)

    def test_a_purchase_carries_the_price_in_coin_alone(self) -> None:
        in_weth = replace(LISTING, currency=HOUSE)

        assert EX.fill(in_weth, b"").value == 0
        assert EX.fill(LISTING, b"", coin=7).value == 7
        assert EX.buy_many([LISTING, in_weth, LISTING], [b""] * 3).value == 20
        assert EX.buy_available([LISTING], [b""], gas_per_item=9).value == 10

    def test_places_of_orders_are_left_out_where_each_was_signed_alone(self) -> None:
        bulk = Bulk(1, (TOLD,))
        alone = EX.buy_many([LISTING, LISTING], [b"", b""], bulks=[ALONE, ALONE])

        assert alone.data == EX.buy_many([LISTING, LISTING], [b"", b""]).data
        both = EX.buy_many([LISTING, LISTING], [b"", b""], bulks=[ALONE, bulk]).data
        assert TOLD in both
        assert EX.fill(LISTING, b"", bulk=bulk).data[:4] == load("Exchange")["fillBulk"].selector

    def test_shares_are_told_in_ascending_order(self) -> None:
        shares = [Share(COLLECTOR, 4_000), Share(ARTIST, 6_000)]

        one = SplitterFactory(HOUSE).create(shares)

        assert one == SplitterFactory(HOUSE).create(shares[::-1])
        assert one.data.index(ARTIST) < one.data.index(COLLECTOR)

    def test_tuples_in_answers_are_values_of_ours(self) -> None:
        function = load("Splitter")["shares"]
        answer = encode(["(address,uint16)[]"], [[(str(ARTIST), 6_000), (str(COLLECTOR), 4_000)]])

        found = function.decode(answer)

        assert found == ((ARTIST, 6_000), (COLLECTOR, 4_000))
        assert isinstance(found[0][0], Address)


class TestDeployments:
    def test_are_read_back_as_written(self, tmp_path) -> None:  # type: ignore[no-untyped-def]
        written: Deployment = deployed(31337)

        path = save(written, tmp_path)

        assert load_deployment(path) == written
        assert load_all(tmp_path / "nowhere", tmp_path) == {31337: written}
