// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ISplitter, Share} from "../../src/interfaces/ISplitter.sol";
import {PackedShares} from "../../src/libraries/PackedShares.sol";
import {Order, Voucher} from "../../src/types/Orders.sol";
import {SplitterBase} from "../SplitterBase.t.sol";
import {Reenterer} from "../doubles/Receivers.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Royalties with several receivers: exact to the wei, whoever draws, in whatever order.
contract Splitters_Cases is SplitterBase {
    /// @dev Two payments, and releases by everybody in any order before, between and after: each
    /// has the floor of the own share of all in the end, and less than a unit each is left.
    function testFuzz_ExactWhateverTheOrder(uint128 first, uint128 second, uint256 order) external {
        address[3] memory receivers = [artist, studio, platform];
        uint256[3] memory bps = [uint256(6000), 3000, 1000];
        uint256 before = artist.balance;

        _pay(first);
        for (uint256 i = 0; i < 3; ++i) {
            if (order >> i & 1 == 1) _tryRelease(receivers[i]);
        }
        _pay(second);
        for (uint256 i = 0; i < 3; ++i) {
            _tryRelease(receivers[(i + order % 3) % 3]);
        }

        uint256 total = uint256(first) + second;
        uint256 sum;
        for (uint256 i = 0; i < 3; ++i) {
            uint256 due = total * bps[i] / 10_000;
            uint256 had = i == 0 ? before : 0;
            vm.assertEq(receivers[i].balance - had, due);
            vm.assertEq(splitter.released(receivers[i], COIN), due);
            sum += due;
        }
        vm.assertEq(splitter.totalReleased(COIN), sum);
        vm.assertEq(address(splitter).balance, total - sum);
        vm.assertLe(address(splitter).balance, 2);
    }

    function testFuzz_DustIsLessThanAUnitEach(uint256 seed, uint8 count, uint128 amount) external {
        Share[] memory shares = _random(seed, bound(count, 2, 32));
        splitter = ISplitter(splitters.create(shares));
        _pay(amount);

        uint256 owed;
        for (uint256 i = 0; i < shares.length; ++i) {
            uint256 due = splitter.releasable(shares[i].receiver, COIN);
            vm.assertEq(due, uint256(amount) * shares[i].bps / 10_000);
            owed += due;
        }

        vm.assertLe(owed, amount);
        vm.assertLe(amount - owed, shares.length - 1);
    }

    function test_DustWaitsForTheNextPayment() external {
        for (uint256 i = 0; i < 10; ++i) {
            _pay(1);
            _tryRelease(artist);
            _tryRelease(studio);
            _tryRelease(platform);
        }

        // Ten payments of one wei are one of ten, and nothing is left.
        vm.assertEq(splitter.released(artist, COIN), 6);
        vm.assertEq(splitter.released(studio, COIN), 3);
        vm.assertEq(splitter.released(platform, COIN), 1);
        vm.assertEq(address(splitter).balance, 0);
    }

    function test_ReceiverCallsBackForMore() external {
        Reenterer greedy = _withGreedy();
        greedy.arm(address(splitter), abi.encodeCall(ISplitter.release, (address(greedy), COIN)));
        _pay(100);

        splitter.release(address(greedy), COIN);

        vm.assertEq(greedy.calls(), 1);
        vm.assertFalse(greedy.succeeded());
        vm.assertEq(greedy.answer(), _guarded());
        vm.assertEq(address(greedy).balance, 60);
    }

    function test_ReceiverCallsBackForAnother() external {
        Reenterer greedy = _withGreedy();
        greedy.arm(address(splitter), abi.encodeCall(ISplitter.release, (studio, COIN)));
        _pay(100);

        splitter.release(address(greedy), COIN);
        vm.assertFalse(greedy.succeeded());

        splitter.release(studio, COIN);
        vm.assertEq(studio.balance, 40);
    }

    function test_NobodyReadsTheBooksInTheMiddle() external {
        Reenterer greedy = _withGreedy();
        greedy.arm(address(splitter), abi.encodeCall(ISplitter.releasable, (studio, COIN)));
        _pay(100);

        splitter.release(address(greedy), COIN);

        vm.assertFalse(greedy.succeeded());
        vm.assertEq(greedy.answer(), _guarded());
    }

    function test_SaleAtTheExchangePaysASplitter() external {
        uint256 id = _idOf(artist, 2);
        vm.prank(artist);
        collection.mint(seller, id, DIGEST, 1000, address(splitter));
        Order memory order = _listing();
        order.tokenId = id;
        order.transferCount = 0;
        order.maxRoyaltyBps = 1000;

        _buy(order);

        vm.assertEq(exchange.totalCredit(COIN), 0);
        vm.assertEq(address(splitter).balance, PRICE / 10);
        splitter.release(studio, COIN);
        vm.assertEq(studio.balance, PRICE * 3 / 100);
    }

    function test_VoucherPaysASplitterAsFeeReceiver() external {
        Voucher memory voucher = _voucher();
        voucher.feeReceiver = address(splitter);

        _redeem(voucher);

        vm.assertEq(collection.totalCredit(COIN), 0);
        vm.assertEq(address(splitter).balance, _feeOf(PRICE));
    }

    function test_SplitterIsPaidBeforeItIsMade() external {
        // Its address is known from the shares: what waits there is divided once it is made.
        Share[] memory shares = _random(7, 4);
        address expected = splitters.predict(shares);
        vm.deal(expected, 10_000);

        splitter = ISplitter(splitters.create(shares));

        vm.assertEq(address(splitter), expected);
        vm.assertEq(splitter.releasable(shares[0].receiver, COIN), shares[0].bps);
    }

    /// @dev What is packed is read back, place by place.
    function testFuzz_PackedShares(uint256 seed, uint8 count) external view {
        Share[] memory shares = _random(seed, bound(count, 1, 32));

        bytes memory packed = this.pack(shares);

        vm.assertEq(packed.length, 22 * shares.length);
        vm.assertEq(
            keccak256(abi.encode(PackedShares.unpack(packed))), keccak256(abi.encode(shares))
        );
        for (uint256 i = 0; i < shares.length; ++i) {
            vm.assertEq(PackedShares.bpsOf(packed, shares[i].receiver), shares[i].bps);
        }
        vm.assertEq(PackedShares.bpsOf(packed, address(0)), 0);
    }

    function pack(Share[] calldata shares) external pure returns (bytes memory) {
        return PackedShares.pack(shares);
    }

    function _tryRelease(address receiver) private {
        if (splitter.releasable(receiver, COIN) != 0) splitter.release(receiver, COIN);
    }

    function _withGreedy() private returns (Reenterer greedy) {
        greedy = new Reenterer();
        Share[] memory shares = new Share[](2);
        shares[0] = Share(address(greedy), 6000);
        shares[1] = Share(studio, 4000);
        _sort(shares);
        splitter = ISplitter(splitters.create(shares));
    }

    /// @dev Shares that ascend and make a whole.
    function _random(uint256 seed, uint256 count) private pure returns (Share[] memory shares) {
        shares = new Share[](count);
        uint256 left = 10_000;
        for (uint256 i = 0; i < count; ++i) {
            uint256 most = left - (count - 1 - i);
            uint256 bps = bound(uint256(keccak256(abi.encode(seed, i))), 1, most);
            if (i == count - 1) bps = left;
            left -= bps;
            shares[i] = Share(address(uint160(0x10000 + 997 * i)), uint16(bps));
        }
    }

    function _guarded() private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
    }
}
