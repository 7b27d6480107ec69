// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";

import {Share} from "../../src/interfaces/ISplitter.sol";
import {Voucher} from "../../src/types/Orders.sol";
import {SplitterBase} from "../SplitterBase.t.sol";
import {vm} from "../support/Vm.sol";

/// @notice What each call of collections, their factory and splitters costs by itself: case BLD-03.
contract WorksGas_Test is SplitterBase {
    function test_BLD03_Vouchers() external {
        vm.deal(platform, 1);
        vm.deal(artist, 1);
        _mint(buyer, 2);
        Voucher memory voucher = _edition(2);
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);

        _redeem(voucher, artist, signature, 0);
        vm.snapshotGasLastCall("Vouchers", "redeem");
        _redeem(voucher, artist, signature, 1);
        vm.snapshotGasLastCall("Vouchers", "redeem, another number");
        voucher.maxPerRecipient = 1;
        voucher.tokenId += 2;
        _redeem(voucher, artist, _signVoucher(ARTIST_KEY, voucher), 0);
        vm.snapshotGasLastCall("Vouchers", "redeem, limited");
        voucher.price = 0;
        voucher.tokenId += 2;
        _redeem(voucher, artist, _signVoucher(ARTIST_KEY, voucher), 0);
        vm.snapshotGasLastCall("Vouchers", "redeem, gift");
    }

    function test_BLD03_Clones() external {
        uint256 id = _idOf(artist, 1);
        vm.startPrank(artist);
        factory.create("Works", "W", DIGEST, 0);
        vm.snapshotGasLastCall("Clones", "create");
        own.mint(seller, id, DIGEST, ROYALTY_BPS, address(0));
        vm.snapshotGasLastCall("Clones", "mint");
        own.mintEdition(seller, id + 1, 10, DIGEST, ROYALTY_BPS, address(0));
        vm.snapshotGasLastCall("Clones", "mintEdition, ten");
        own.setMinter(minter, true);
        vm.snapshotGasLastCall("Clones", "setMinter");
        own.setDefaultRoyalty(ROYALTY_BPS, studio);
        vm.snapshotGasLastCall("Clones", "setDefaultRoyalty");
        own.setContractMetadata(bytes32(uint256(1)));
        vm.snapshotGasLastCall("Clones", "setContractMetadata");
        own.freezeAll();
        vm.snapshotGasLastCall("Clones", "freezeAll");
        vm.stopPrank();
        vm.prank(seller);
        IERC721(address(own)).transferFrom(seller, buyer, id);
        vm.snapshotGasLastCall("Clones", "transferFrom");
    }

    function test_BLD03_Splitters() external {
        Share[] memory shares = _three();
        (shares[0].bps, shares[1].bps) = (shares[1].bps, shares[0].bps);
        splitters.create(shares);
        vm.snapshotGasLastCall("Splitters", "create, three");

        _pay(1 ether);
        splitter.release(artist, COIN);
        vm.snapshotGasLastCall("Splitters", "release, first");
        _pay(1 ether);
        splitter.release(artist, COIN);
        vm.snapshotGasLastCall("Splitters", "release");
    }
}
