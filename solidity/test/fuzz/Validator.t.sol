// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Findings, Found} from "../../src/libraries/Findings.sol";
import {Questions} from "../../src/libraries/Questions.sol";
import {Auction, Item, SET_OFFER, UNBOUND, Voucher} from "../../src/types/Orders.sol";
import {ValidatorBase} from "../ValidatorBase.t.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Answers with as many bytes as it was made with, or reverts, or burns all gas.
contract Answerer {
    uint256 private immutable _length;
    uint256 private immutable _word;
    uint256 private immutable _manner;

    constructor(uint256 length, uint256 word, uint256 manner) {
        (_length, _word, _manner) = (length, word, manner);
    }

    fallback() external {
        (uint256 length, uint256 word, uint256 manner) = (_length, _word, _manner);
        assembly ("memory-safe") {
            if eq(manner, 2) { invalid() }
            mstore(0x00, word)
            mstore(0x20, not(word))
            if eq(manner, 1) { revert(0x00, length) }
            return(0x00, length)
        }
    }
}

/// @notice The validator against the contracts, with random defects in what is signed and in what
/// it meets: no reasons exactly when they do it.
contract Validator_Fuzz_Test is ValidatorBase {
    function testFuzz_ListingsAsTheExchangeJudgesThem(uint32 defects, uint32 sieve) external {
        Try memory attempt = defects % 2 == 0 ? _goodListing() : _goodForeign();
        _spoilTerms(attempt, _few(defects, sieve));
        _signAgain(attempt);
        _spoilWorld(attempt, _few(sieve, defects));

        vm.assertEq(_reasonsOf(attempt).length == 0, _fills(attempt));
    }

    function testFuzz_BundlesAsTheExchangeJudgesThem(uint32 defects, uint32 sieve, uint96 price)
        external
    {
        Try memory attempt = _goodListing();
        attempt.order = _bundle();
        attempt.order.price = attempt.order.endPrice = bound(price, 1, 90 ether);
        uint256 bits = _few(defects, sieve);
        if (bits & 1 != 0) attempt.order.more[1].tokenId = attempt.order.more[0].tokenId;
        if (bits & 2 != 0) attempt.order.more[0] = Item(address(foreign), 1, UNBOUND);
        if (bits & 4 != 0) attempt.order.more[1].transferCount = 1;
        if (bits & 8 != 0) attempt.order.more[1].collection = studio;
        if (bits & 16 != 0) attempt.order.end = attempt.order.start + 61 days;
        if (bits & 32 != 0) attempt.order.currency = address(weth);
        _signAgain(attempt);
        _spoilWorld(attempt, _few(sieve, defects));

        vm.assertEq(_reasonsOf(attempt).length == 0, _fills(attempt));
    }

    function testFuzz_OffersAsTheExchangeJudgesThem(uint32 defects, uint32 sieve, uint8 kind)
        external
    {
        Try memory attempt = _goodOffer();
        if (kind % 3 == 1) attempt.order = _collectionOffer();
        if (kind % 3 == 2) attempt.order = _setOffer(_leaf(tokenId, UNBOUND));
        uint256 bits = _few(defects, sieve);
        _spoilTerms(attempt, bits >> 8);
        if (bits & 1 != 0) attempt.acceptance.transferCount = 0;
        if (bits & 2 != 0) attempt.acceptance.tokenId = _mint(seller, 2);
        if (bits & 4 != 0) attempt.acceptance.minProceeds = PRICE - ROYALTY - FEE + kind % 2;
        if (bits & 8 != 0) attempt.acceptance.proof = _one(DIGEST);
        if (bits & 16 != 0) attempt.order.metadataDigest = kind % 2 == 0 ? DIGEST : bytes32(0);
        if (bits & 32 != 0 && attempt.order.kind != SET_OFFER) {
            attempt.order.tokenId = _idOf(artist, 0);
        }
        _signAgain(attempt);
        _spoilWorld(attempt, _few(sieve, defects));

        vm.assertEq(_reasonsOf(attempt).length == 0, _fills(attempt));
    }

    function testFuzz_AuctionsAsTheyJudgeThemselves(uint32 defects, uint32 sieve, uint64 time)
        external
    {
        Auction memory auction = _goodAuction();
        uint256 bits = _few(defects, sieve);
        if (bits & 1 != 0) auction.reserve = time % 3;
        if (bits & 2 != 0) auction.start = uint64(bound(time, NOW - 2, NOW + 2));
        if (bits & 4 != 0) auction.openUntil = uint64(bound(time, NOW - 2, NOW + 70 days));
        if (bits & 8 != 0) auction.duration = uint64(bound(time, 0, 31 days));
        if (bits & 16 != 0) auction.end = uint64(bound(time, NOW - 2, NOW + 40 days));
        if (bits & 32 != 0) auction.minStepBps = uint16(bound(time, 9999, 10_001));
        if (bits & 64 != 0) auction.maxRoyaltyBps = uint16(time);
        if (bits & 128 != 0) auction.maxFeeBps = uint16(bound(time, 199, 300));
        if (bits & 256 != 0) auction.counter = time % 2;
        if (bits & 512 != 0) {
            (auction.collection, auction.tokenId) = (address(foreign), 1 + time % 2);
        }
        if (bits & 1024 != 0) auction.transferCount = UNBOUND;
        bytes memory signature = _signAuction(bits & 2048 == 0 ? SELLER_KEY : FORGER_KEY, auction);
        _spoilWorld(_goodListing(), _few(sieve, defects));

        (uint16[] memory reasons,) = validator.checkAuction(auction, signature, buyer);

        vm.assertEq(reasons.length == 0, _opens(auction, signature, buyer));
    }

    function testFuzz_VouchersAsTheCollectionJudgesThem(uint32 defects, uint32 sieve, uint64 time)
        external
    {
        Voucher memory voucher = _goodVoucher();
        uint256 bits = _few(defects, sieve);
        if (bits & 1 != 0) voucher.tokenId = time % 2 == 0 ? tokenId : _idOf(studio, 1);
        if (bits & 2 != 0) voucher.metadataDigest = 0;
        if (bits & 4 != 0) voucher.price = bound(time, 0, 101 ether);
        if (bits & 8 != 0) voucher.currency = time % 2 == 0 ? address(weth) : studio;
        if (bits & 16 != 0) voucher.royaltyBps = uint16(time % 2 == 0 ? 65_535 : time % 2600);
        if (bits & 32 != 0) voucher.royaltyReceiver = studio;
        if (bits & 64 != 0) voucher.recipient = time % 2 == 0 ? buyer : studio;
        if (bits & 128 != 0) voucher.feeReceiver = address(0);
        if (bits & 256 != 0) voucher.maxFeeBps = uint16(bound(time, 499, 501));
        if (bits & 512 != 0) voucher.editionSize = uint32(time % 3);
        if (bits & 1024 != 0) voucher.end = uint64(bound(time, NOW - 2, NOW + 2));
        if (bits & 2048 != 0) voucher.counter = time % 2;
        bytes memory signature = _signVoucher(bits & 4096 == 0 ? ARTIST_KEY : FORGER_KEY, voucher);
        if (bits & 8192 != 0) {
            vm.prank(artist);
            exchange.cancel(_nonces(7 + time % 2));
        }
        if (bits & 16_384 != 0) {
            vm.prank(buyer);
            weth.approve(address(collection), time);
        }
        uint32 n = uint32(bits >> 15 & 1);

        (uint16[] memory reasons,) =
            validator.checkVoucher(address(collection), voucher, artist, signature, n, buyer);

        vm.assertEq(reasons.length == 0, _redeems(voucher, artist, signature, n, buyer));
    }

    function testFuzz_Ask(uint256 length, uint256 word, uint8 manner, bool two) external {
        length = bound(length, 0, 100);
        Answerer answerer = new Answerer(length, word, manner % 3);
        uint256 words = two ? 2 : 1;

        (bool answered, uint256 first, uint256 second) =
            Questions.ask(address(answerer), 100_000, words, hex"12345678");

        // The same with a plain call.
        (bool success, bytes memory data) =
            address(answerer).staticcall{gas: 100_000}(hex"12345678");
        bool expected = success && data.length >= 32 * words;
        vm.assertEq(answered, expected);
        if (!expected) {
            vm.assertEq(first | second, 0);
        } else {
            vm.assertEq(first, word);
            if (two) vm.assertEq(second, ~word);
        }
    }

    function testFuzz_Findings(uint16[5] calldata numbers) external pure {
        Found memory found;
        for (uint256 i = 0; i < 5; ++i) {
            Findings.refuse(found, _number(numbers[i]));
            Findings.warn(found, 1000 + numbers[i] % 32);
        }
        (uint16[] memory reasons, uint16[] memory warnings) = Findings.lists(found);

        for (uint256 i = 0; i < 5; ++i) {
            vm.assertTrue(_has(reasons, _number(numbers[i])));
            vm.assertTrue(Findings.has(found, _number(numbers[i])));
            vm.assertTrue(_has(warnings, 1000 + numbers[i] % 32));
        }
        _checkAscending(reasons);
        _checkAscending(warnings);
    }

    /// @dev A number in one of eight groups of hundreds.
    function _number(uint16 random) private pure returns (uint16) {
        return random % 8 * 100 + random / 8 % 32;
    }

    function _checkAscending(uint16[] memory numbers) private pure {
        vm.assertLe(numbers.length, 5);
        for (uint256 i = 1; i < numbers.length; ++i) {
            vm.assertGt(numbers[i], numbers[i - 1]);
        }
    }

    /// @dev Random bits of which most are zero, and now and then none is left.
    function _few(uint256 bits, uint256 sieve) private pure returns (uint256) {
        return bits & sieve & uint256(keccak256(abi.encode(bits, sieve)))
            & uint256(keccak256(abi.encode(sieve, bits)));
    }

    function _spoilTerms(Try memory attempt, uint256 bits) private view {
        if (bits & 1 != 0) attempt.order.taker = bits & 2 == 0 ? attempt.taker : studio;
        if (bits & 4 != 0) attempt.order.price = 0;
        if (bits & 8 != 0) attempt.order.endPrice = attempt.order.price / 2;
        if (bits & 16 != 0) attempt.order.endPrice = attempt.order.price + 1;
        if (bits & 32 != 0) attempt.order.start = uint64(NOW + (bits >> 24) % 2);
        if (bits & 64 != 0) attempt.order.end = uint64(NOW - 1 + (bits >> 24) % 2);
        if (bits & 128 != 0) attempt.order.end = attempt.order.start + 60 days + 1;
        if (bits & 256 != 0) attempt.order.maxRoyaltyBps = ROYALTY_BPS - 1;
        if (bits & 512 != 0) attempt.order.maxFeeBps = FEE_BPS - 1;
        if (bits & 1024 != 0) attempt.order.counter = 1;
        if (bits & 2048 != 0) attempt.order.transferCount = UNBOUND;
        if (bits & 4096 != 0) attempt.order.transferCount = (bits >> 24) % 2;
        if (bits & 8192 != 0) attempt.order.currency = address(weth);
        if (bits & 16_384 != 0) attempt.order.currency = address(foreign);
        if (bits & 32_768 != 0) attempt.order.criteria = DIGEST;
    }

    /// @dev What happens after the signature, to the maker's things and the platform.
    function _spoilWorld(Try memory attempt, uint256 bits) private {
        vm.startPrank(seller);
        if (bits & 1 != 0) works.setApprovalForAll(address(exchange), false);
        if (bits & 2 != 0) foreign.setApprovalForAll(address(auctions), false);
        if (bits & 4 != 0) works.transferFrom(seller, seller, tokenId);
        if (bits & 8 != 0) foreign.transferFrom(seller, studio, 1);
        if (bits & 16 != 0) exchange.cancel(_nonces(7));
        if (bits & 32 != 0) exchange.cancelAll();
        vm.stopPrank();
        if (bits & 64 != 0) foreign.setRoyalty(artist, 9900);
        if (bits & 128 != 0) vm.deal(buyer, attempt.order.price / 2);
        vm.startPrank(guardian);
        if (bits & 256 != 0) exchange.pause();
        if (bits & 512 != 0) auctions.pause();
        vm.stopPrank();
        if (bits & 1024 != 0) {
            vm.prank(collector);
            weth.approve(address(exchange), PRICE - 1);
        }
        if (bits & 2048 != 0) {
            vm.prank(buyer);
            weth.approve(address(exchange), PRICE - 1);
        }
        if (bits & 4096 != 0) {
            vm.prank(artist);
            collection.setMetadata(tokenId, bytes32(uint256(1)));
        }
    }
}
