// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Questions} from "../../src/libraries/Questions.sol";
import {Auction, Item, UNBOUND, Voucher} from "../../src/types/Orders.sol";
import {Reasons} from "../../src/types/Reasons.sol";
import {ValidatorBase} from "../ValidatorBase.t.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Token, wallet, currency and collection in one: answers everything badly in one way.
contract Hostile {
    enum Manner {
        Nothing,
        OneByte,
        OnesEverywhere,
        Megabyte,
        Reverts,
        RevertsWithMegabyte,
        BurnsGas,
        Writes
    }

    Manner private immutable _manner;
    uint256 private _written;

    constructor(Manner manner) {
        _manner = manner;
    }

    fallback() external payable {
        Manner manner = _manner;
        if (manner == Manner.Writes) ++_written;
        assembly ("memory-safe") {
            switch manner
            case 1 { return(0x00, 0x01) }
            case 2 {
                mstore(0x00, not(0))
                mstore(0x20, not(0))
                return(0x00, 0x40)
            }
            case 3 { return(0x00, 1000000) }
            case 4 { revert(0x00, 0x00) }
            case 5 { revert(0x00, 1000000) }
            case 6 { invalid() }
            default { return(0x00, 0x00) }
        }
    }
}

/// @notice The validator among enemies: it never reverts, and never finds them good.
contract ValidatorHostile_Cases is ValidatorBase {
    uint256 private constant GAS = 30_000_000;

    function testFuzz_VAL_HostileCollection(uint8 which) external {
        address hostile = _hostile(which);
        Try memory attempt = _goodForeign();
        attempt.order.collection = hostile;
        _signAgain(attempt);

        _survives(attempt);
        attempt.order.transferCount = 0;
        _survives(attempt);
        attempt = _goodOffer();
        attempt.order.collection = hostile;
        attempt.order.metadataDigest = DIGEST;
        _survives(attempt);
        attempt.order = _collectionOffer();
        attempt.order.collection = hostile;
        _survives(attempt);
    }

    function testFuzz_VAL_HostileBundle(uint8 which) external {
        // Ten works that each burn all they are given.
        Try memory attempt = _goodListing();
        attempt.order.more = new Item[](10);
        address hostile = _hostile(which);
        for (uint256 i = 0; i < 10; ++i) {
            attempt.order.more[i] = Item(hostile, i, i % 2 == 0 ? UNBOUND : 0);
        }
        _signAgain(attempt);

        _survives(attempt);
    }

    function testFuzz_VAL_HostileWallet(uint8 which) external {
        Try memory attempt = _goodListing();
        attempt.order.maker = _hostile(which);
        _survives(attempt);
        vm.assertTrue(_has(_reasonsOf(attempt), Reasons.SIGNATURE_INVALID));
    }

    function testFuzz_VAL_HostileCurrency(uint8 which) external {
        Try memory attempt = _goodListing();
        attempt.order.currency = _hostile(which);
        _signAgain(attempt);
        _survives(attempt);

        // Even if it was allowed once.
        vm.prank(owner);
        exchange.setCurrency(attempt.order.currency, true);
        uint16[] memory reasons = _reasonsOf(attempt);
        // Whoever claims to hold all there is may be believed; the exchange finds out.
        if (which % 8 != 2) vm.assertTrue(_has(reasons, Reasons.BALANCE_TOO_LOW));
    }

    function testFuzz_VAL_HostileAuction(uint8 which) external {
        Auction memory auction = _goodAuction();
        auction.collection = _hostile(which);
        bytes memory signature = _signAuction(SELLER_KEY, auction);

        (uint16[] memory reasons,) = validator.checkAuction{gas: GAS}(auction, signature, buyer);
        vm.assertGt(reasons.length, 0);

        auction = _goodAuction();
        auction.seller = _hostile(which);
        (reasons,) = validator.checkAuction{gas: GAS}(auction, signature, buyer);
        vm.assertTrue(_has(reasons, Reasons.SIGNATURE_INVALID));
    }

    function testFuzz_VAL_HostileVoucher(uint8 which) external {
        Voucher memory voucher = _goodVoucher();
        address hostile = _hostile(which);
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);

        (uint16[] memory reasons,) =
            validator.checkVoucher{gas: GAS}(hostile, voucher, artist, signature, 0, buyer);
        vm.assertTrue(_has(reasons, Reasons.SIGNATURE_INVALID));

        voucher.currency = hostile;
        (reasons,) = validator.checkVoucher{gas: GAS}(
            address(collection), voucher, hostile, signature, 0, buyer
        );
        vm.assertTrue(_has(reasons, Reasons.SIGNER_NOT_ALLOWED));
    }

    function testFuzz_VAL_AnyNumbers(
        uint8 kind,
        uint256 price,
        uint256 endPrice,
        uint64 start,
        uint64 end,
        uint256 token,
        uint256 count,
        uint256 nonce,
        uint256 counter
    ) external view {
        Try memory attempt = _goodListing();
        (attempt.order.kind, attempt.order.price, attempt.order.endPrice) = (kind, price, endPrice);
        (attempt.order.start, attempt.order.end) = (start, end);
        (attempt.order.tokenId, attempt.order.transferCount) = (token, count);
        (attempt.order.nonce, attempt.order.counter) = (nonce, counter);
        attempt.bulk.index = nonce;
        attempt.acceptance = _acceptance(token);
        attempt.acceptance.minProceeds = price;

        _survives(attempt);
    }

    function testFuzz_VAL_AnyAuction(Auction calldata auction, bytes calldata signature)
        external
        view
    {
        (uint16[] memory reasons,) = validator.checkAuction{gas: GAS}(auction, signature, buyer);
        vm.assertGt(reasons.length, 0);
    }

    function testFuzz_VAL_AnyVoucher(
        Voucher calldata voucher,
        bytes calldata signature,
        address signer,
        uint32 n
    ) external view {
        (uint16[] memory reasons,) = validator.checkVoucher{gas: GAS}(
            address(collection), voucher, signer, signature, n, buyer
        );
        vm.assertGt(reasons.length, 0);
    }

    function test_VAL_TooLittleGasIsNoAnswer() external {
        Try memory attempt = _goodListing();
        bytes memory data = abi.encodeCall(
            validator.checkOrder,
            (attempt.order, attempt.signature, attempt.bulk, attempt.taker, attempt.acceptance)
        );
        (bool success, bytes memory reason) = address(validator).staticcall{gas: 200_000}(data);

        vm.assertFalse(success);
        vm.assertEq(bytes32(bytes4(reason)), bytes32(Questions.Questions_GasTooLow.selector));
    }

    function _survives(Try memory attempt) private view {
        (uint16[] memory reasons,) = validator.checkOrder{gas: GAS}(
            attempt.order, attempt.signature, attempt.bulk, attempt.taker, attempt.acceptance
        );
        vm.assertGt(reasons.length, 0);
    }

    function _hostile(uint8 which) private returns (address) {
        return address(new Hostile(Hostile.Manner(which % 8)));
    }
}
