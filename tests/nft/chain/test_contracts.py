"""Calldata by prepared encoders equals the ABI's own."""

import pytest
from eth_abi.abi import encode
from eth_abi.exceptions import EncodingError

from nft.chain.abi import load, selector
from nft.chain.contracts import Collection, Exchange
from nft.chain.deployments import Deployment, load_all, save
from nft.chain.deployments import load as load_deployment
from nft.orders import Item, Kind, Order
from nft.types import Digest
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


class TestDeployments:
    def test_are_read_back_as_written(self, tmp_path) -> None:  # type: ignore[no-untyped-def]
        written: Deployment = deployed(31337)

        path = save(written, tmp_path)

        assert load_deployment(path) == written
        assert load_all(tmp_path / "nowhere", tmp_path) == {31337: written}
