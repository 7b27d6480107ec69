// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Acceptance, Bulk, Order} from "../../src/types/Orders.sol";
import {ExchangeBase} from "../ExchangeBase.t.sol";
import {vm} from "../support/Vm.sol";

/// @notice What each call costs by itself, without the transaction around it: case BLD-03. Written
/// to `snapshots/`, where a change is seen in review; `FORGE_SNAPSHOT_CHECK=true` refuses one.
/// Figures of whole transactions are read from receipts by `tests/bench`.
contract Gas_Test is ExchangeBase {
    function test_BLD03_Collection() external {
        vm.startPrank(artist);
        collection.mint(seller, _idOf(artist, 2), DIGEST, ROYALTY_BPS, address(0));
        vm.snapshotGasLastCall("Collection", "mint");
        bytes32[] memory ten = new bytes32[](10);
        for (uint256 i = 0; i < 10; ++i) {
            ten[i] = DIGEST;
        }
        collection.mintMany(seller, _idOf(artist, 3), ten, ROYALTY_BPS, address(0));
        vm.snapshotGasLastCall("Collection", "mintMany, ten");
        collection.setMetadata(tokenId, bytes32(uint256(1)));
        vm.snapshotGasLastCall("Collection", "setMetadata");
        collection.setRoyalty(tokenId, 100);
        vm.snapshotGasLastCall("Collection", "setRoyalty");
        collection.freeze(tokenId);
        vm.snapshotGasLastCall("Collection", "freeze");
        vm.stopPrank();

        vm.startPrank(seller);
        works.transferFrom(seller, buyer, tokenId);
        vm.snapshotGasLastCall("Collection", "transferFrom");
        collection.burn(tokenId + 1);
        vm.snapshotGasLastCall("Collection", "burn");
        vm.stopPrank();
    }

    function test_BLD03_Exchange() external {
        vm.deal(artist, 1);
        _buy(_listing());
        Order memory own = _listing();
        own.tokenId = _mint(seller, 2);
        own.transferCount = 0;
        own.nonce = 8;
        foreign.mint(seller, 1);
        foreign.mint(buyer, 2);
        Order memory other = _foreignListing(address(foreign), 1);
        other.nonce = 9;
        bytes memory first = _sign(SELLER_KEY, own);
        bytes memory second = _sign(SELLER_KEY, other);
        uint256[] memory nonces = new uint256[](1);
        nonces[0] = 10;

        vm.prank(buyer);
        exchange.fill{value: PRICE}(own, first);
        vm.snapshotGasLastCall("Exchange", "fill, own collection");
        vm.prank(buyer);
        exchange.fill{value: PRICE}(other, second);
        vm.snapshotGasLastCall("Exchange", "fill, foreign collection");
        vm.prank(seller);
        exchange.cancel(nonces);
        vm.snapshotGasLastCall("Exchange", "cancel");
        vm.prank(seller);
        exchange.cancelAll();
        vm.snapshotGasLastCall("Exchange", "cancelAll");
        exchange.withdrawFees(address(0));
        vm.snapshotGasLastCall("Exchange", "withdrawFees");
    }

    function test_BLD03_ExchangeInOtherWays() external {
        vm.deal(artist, 1);
        _buy(_listing());
        Order[] memory orders = _listings(15);
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);
        (Order[] memory five, bytes[] memory signed) = (new Order[](5), new bytes[](5));
        for (uint256 batch = 0; batch < 2; ++batch) {
            for (uint256 i = 0; i < 5; ++i) {
                (five[i], signed[i]) = (orders[5 * batch + i], signatures[5 * batch + i]);
            }
            vm.prank(buyer);
            if (batch == 0) {
                exchange.buyMany{value: 5 * PRICE}(five, signed, _noBulks());
                vm.snapshotGasLastCall("Exchange", "buyMany, five of one seller");
            } else {
                exchange.buyAvailable{value: 5 * PRICE}(five, signed, _noBulks(), 400_000);
                vm.snapshotGasLastCall("Exchange", "buyAvailable, five of one seller");
            }
        }
        Order memory offer = _offer();
        offer.tokenId = orders[10].tokenId;
        bytes memory signature = _sign(COLLECTOR_KEY, offer);
        Bulk memory none;
        Acceptance memory acceptance = _acceptance(offer.tokenId);
        vm.prank(seller);
        exchange.accept(offer, signature, none, acceptance);
        vm.snapshotGasLastCall("Exchange", "accept");
    }
}
