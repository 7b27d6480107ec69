// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Item, Order, TOKEN_OFFER, UNBOUND} from "../../src/types/Orders.sol";
import {Reasons} from "../../src/types/Reasons.sol";
import {ValidatorBase} from "../ValidatorBase.t.sol";
import {GoodWallet} from "../doubles/Wallets.sol";
import {vm} from "../support/Vm.sol";

/// @notice Each reason that an order can have, by itself, and that the exchange refuses it too.
contract ValidatorOrders_Cases is ValidatorBase {
    function test_VAL_GoodOrdersHaveNoReason() external {
        Try[5] memory attempts =
            [_goodListing(), _goodForeign(), _goodOffer(), _goodOffer(), _goodOffer()];
        attempts[3].order = _collectionOffer();
        attempts[4].order = _setOffer(_leaf(tokenId, 0));
        attempts[4].acceptance.transferCount = 0;
        _signAgain(attempts[3]);
        _signAgain(attempts[4]);
        for (uint256 i = 0; i < attempts.length; ++i) {
            vm.assertEq(_reasonsOf(attempts[i]).length, 0);
            vm.assertTrue(_fills(attempts[i]));
        }
    }

    function test_VAL_BundleAndBulkHaveNoReason() external {
        Try memory attempt = _goodListing();
        attempt.order = _bundle();
        attempt.bulk.index = 1;
        attempt.bulk.proof = _one(bytes32(uint256(5)));
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(SELLER_KEY, exchange.hashBulk(attempt.order, attempt.bulk));
        attempt.signature = abi.encodePacked(r, s, v);

        vm.assertEq(_reasonsOf(attempt).length, 0);
        vm.assertTrue(_fills(attempt));
    }

    function test_VAL_001_KindUnknown() external {
        Try memory attempt = _goodListing();
        attempt.order.kind = 4;
        attempt.signature = _sign(SELLER_KEY, attempt.order);
        _isOnly(_reasonsOf(attempt), Reasons.KIND_UNKNOWN);
        vm.assertFalse(_fills(attempt));
    }

    function test_VAL_002_MakerZero() external {
        Try memory attempt = _goodListing();
        attempt.order.maker = address(0);
        _among(attempt, Reasons.MAKER_ZERO);
    }

    function test_VAL_003_PriceZero() external {
        Try memory attempt = _goodListing();
        attempt.order.price = attempt.order.endPrice = 0;
        _signAgain(attempt);
        _only(attempt, Reasons.PRICE_ZERO);
    }

    function test_VAL_003_PriceThatFallsToNothing() external {
        Try memory attempt = _goodListing();
        attempt.order.endPrice = 0;
        _signAgain(attempt);
        _only(attempt, Reasons.PRICE_ZERO);

        vm.warp(attempt.order.end);
        _only(attempt, Reasons.PRICE_ZERO);
    }

    function test_VAL_004_PriceRises() external {
        Try memory attempt = _goodListing();
        attempt.order.endPrice = PRICE + 1;
        _signAgain(attempt);
        _only(attempt, Reasons.PRICE_RISES);
    }

    function test_VAL_005_OfferPriceMoves() external {
        Try memory attempt = _goodOffer();
        attempt.order.endPrice = PRICE - 1;
        _signAgain(attempt);
        _only(attempt, Reasons.OFFER_PRICE_MOVES);
    }

    function test_VAL_006_OfferBound() external {
        Try memory attempt = _goodOffer();
        attempt.order.transferCount = 0;
        _signAgain(attempt);
        _only(attempt, Reasons.OFFER_BOUND);
    }

    function test_VAL_006_AcceptanceBound() external {
        Try memory attempt = _goodOffer();
        attempt.acceptance.transferCount = 0;
        _only(attempt, Reasons.OFFER_BOUND);
    }

    function test_VAL_007_OfferOnABundle() external {
        Try memory attempt = _goodOffer();
        attempt.order.more = new Item[](1);
        _signAgain(attempt);
        _only(attempt, Reasons.BUNDLE_UNSUPPORTED);
    }

    function test_VAL_008_CriteriaMismatch() external {
        Try memory attempt = _goodListing();
        attempt.order.criteria = DIGEST;
        _signAgain(attempt);
        _only(attempt, Reasons.CRITERIA_MISMATCH);

        attempt = _goodOffer();
        attempt.order.criteria = DIGEST;
        _signAgain(attempt);
        _only(attempt, Reasons.CRITERIA_MISMATCH);
    }

    function test_VAL_009_EndBeforeStart() external {
        Try memory attempt = _goodListing();
        attempt.order.end = attempt.order.start - 1;
        _signAgain(attempt);
        _among(attempt, Reasons.END_BEFORE_START);
    }

    function test_VAL_010_UnboundTooLong() external {
        Try memory attempt = _goodForeign();
        attempt.order.end = attempt.order.start + 60 days + 1;
        _signAgain(attempt);
        _only(attempt, Reasons.UNBOUND_TOO_LONG);

        attempt = _goodListing();
        attempt.order.more = new Item[](1);
        attempt.order.more[0] = Item(address(foreign), 1, UNBOUND);
        attempt.order.end = attempt.order.start + 60 days + 1;
        _signAgain(attempt);
        _only(attempt, Reasons.UNBOUND_TOO_LONG);
    }

    function test_VAL_011_OneWorkTwiceInABundle() external {
        Try memory attempt = _goodListing();
        attempt.order.more = new Item[](1);
        attempt.order.more[0] = Item(address(collection), tokenId, 0);
        _signAgain(attempt);
        _only(attempt, Reasons.TERMS_INVALID);
    }

    function test_VAL_011_PriceThatOverflows() external {
        Try memory attempt = _goodListing();
        attempt.order.price = attempt.order.endPrice = type(uint256).max;
        _signAgain(attempt);
        _among(attempt, Reasons.TERMS_INVALID);
        attempt.order.endPrice = 1;
        _signAgain(attempt);
        _among(attempt, Reasons.TERMS_INVALID);
    }

    function test_VAL_011_PriceAboveTheHighest() external {
        Try memory attempt = _goodListing();
        attempt.order.price = 1 << 128;
        vm.deal(buyer, 1 << 129);
        _signAgain(attempt);
        _only(attempt, Reasons.TERMS_INVALID);
        attempt.order.endPrice = 1 << 128;
        _signAgain(attempt);
        _only(attempt, Reasons.TERMS_INVALID);
    }

    function test_VAL_012_BulkInvalid() external {
        Try memory attempt = _goodListing();
        attempt.bulk.index = 1;
        _only(attempt, Reasons.BULK_INVALID);
        attempt.bulk.index = 2;
        attempt.bulk.proof = _one(DIGEST);
        _only(attempt, Reasons.BULK_INVALID);
        attempt.bulk.index = 0;
        attempt.bulk.proof = new bytes32[](11);
        _only(attempt, Reasons.BULK_INVALID);
    }

    function test_VAL_101_SignatureInvalid() external {
        Try memory attempt = _goodListing();
        attempt.signature = _sign(FORGER_KEY, attempt.order);
        _only(attempt, Reasons.SIGNATURE_INVALID);
        attempt.bulk.proof = _one(DIGEST);
        attempt.signature = _sign(SELLER_KEY, attempt.order);
        _only(attempt, Reasons.SIGNATURE_INVALID);
    }

    function test_VAL_102_NonceUsed() external {
        Try memory attempt = _goodListing();
        vm.prank(seller);
        exchange.cancel(_nonces(attempt.order.nonce));
        _only(attempt, Reasons.NONCE_USED);
    }

    function test_VAL_103_CounterMoved() external {
        Try memory attempt = _goodListing();
        vm.prank(seller);
        exchange.cancelAll();
        _only(attempt, Reasons.COUNTER_MOVED);
    }

    function test_VAL_104_CounterAhead() external {
        Try memory attempt = _goodListing();
        attempt.order.counter = 1;
        _signAgain(attempt);
        _only(attempt, Reasons.COUNTER_AHEAD);
    }

    function test_VAL_106_WalletNotDeployed() external {
        Try memory attempt = _goodListing();
        attempt.order.maker = vm.computeCreateAddress(address(this), 1000);
        bytes32 suffix = 0x6492649264926492649264926492649264926492649264926492649264926492;
        attempt.signature = abi.encodePacked(new bytes(96), suffix);
        _among(attempt, Reasons.WALLET_NOT_DEPLOYED);
        vm.assertFalse(_has(_reasonsOf(attempt), Reasons.SIGNATURE_INVALID));
    }

    function test_VAL_201_NotStarted() external {
        Try memory attempt = _goodListing();
        vm.warp(attempt.order.start - 1);
        _only(attempt, Reasons.NOT_STARTED);
    }

    function test_VAL_202_Expired() external {
        Try memory attempt = _goodListing();
        vm.warp(attempt.order.end);
        vm.assertEq(_reasonsOf(attempt).length, 0);
        vm.warp(attempt.order.end + 1);
        _only(attempt, Reasons.EXPIRED);
    }

    function test_VAL_203_TakerMismatch() external {
        Try memory attempt = _goodListing();
        attempt.order.taker = studio;
        _signAgain(attempt);
        _only(attempt, Reasons.TAKER_MISMATCH);
        // Without a taker that is left out.
        attempt.taker = address(0);
        vm.assertEq(_reasonsOf(attempt).length, 0);
    }

    function test_VAL_204_MakerIsTaker() external {
        Try memory attempt = _goodListing();
        attempt.taker = seller;
        _only(attempt, Reasons.MAKER_IS_TAKER);
        // Nobody can take an order that is for its maker alone.
        attempt = _goodListing();
        attempt.order.taker = seller;
        _signAgain(attempt);
        _among(attempt, Reasons.MAKER_IS_TAKER);
    }

    function test_VAL_205_Paused() external {
        vm.prank(guardian);
        exchange.pause();
        _only(_goodListing(), Reasons.PAUSED);
    }

    function test_VAL_206_Retired() external {
        vm.prank(owner);
        exchange.retire();
        _only(_goodListing(), Reasons.RETIRED);
    }

    function test_VAL_301_TokenGone() external {
        Try memory attempt = _goodForeign();
        foreign.burn(1);
        _among(attempt, Reasons.TOKEN_GONE);
        attempt = _goodListing();
        vm.prank(seller);
        collection.burn(tokenId);
        _among(attempt, Reasons.TOKEN_GONE);
        vm.assertTrue(_has(_reasonsOf(attempt), Reasons.OWNERSHIP_MOVED));
    }

    function test_VAL_302_NotOwner() external {
        Try memory attempt = _goodForeign();
        vm.prank(seller);
        foreign.transferFrom(seller, studio, 1);
        _only(attempt, Reasons.NOT_OWNER);
    }

    function test_VAL_303_OwnershipMoved() external {
        Try memory attempt = _goodListing();
        vm.prank(seller);
        works.transferFrom(seller, seller, tokenId);
        _only(attempt, Reasons.OWNERSHIP_MOVED);
    }

    function test_VAL_304_NotApproved() external {
        Try memory attempt = _goodListing();
        vm.prank(seller);
        works.setApprovalForAll(address(exchange), false);
        _only(attempt, Reasons.NOT_APPROVED);
        // One approval is enough.
        vm.prank(seller);
        works.approve(address(exchange), tokenId);
        vm.assertEq(_reasonsOf(attempt).length, 0);
        vm.assertTrue(_fills(attempt));
    }

    function test_VAL_305_CountUnsupported() external {
        Try memory attempt = _goodForeign();
        attempt.order.transferCount = 0;
        _signAgain(attempt);
        _only(attempt, Reasons.COUNT_UNSUPPORTED);
    }

    function test_VAL_306_MetadataMismatch() external {
        Try memory attempt = _goodOffer();
        attempt.order.metadataDigest = DIGEST;
        _signAgain(attempt);
        vm.assertEq(_reasonsOf(attempt).length, 0);
        vm.prank(artist);
        collection.setMetadata(tokenId, bytes32(uint256(1)));
        _only(attempt, Reasons.METADATA_MISMATCH);

        attempt = _goodListing();
        attempt.order.metadataDigest = DIGEST;
        _signAgain(attempt);
        _only(attempt, Reasons.METADATA_MISMATCH);
    }

    function test_VAL_307_NotInSet() external {
        Try memory attempt = _goodOffer();
        attempt.order = _setOffer(_leaf(tokenId + 1, UNBOUND));
        _signAgain(attempt);
        _only(attempt, Reasons.NOT_IN_SET);

        attempt = _goodOffer();
        attempt.acceptance.proof = _one(DIGEST);
        _only(attempt, Reasons.NOT_IN_SET);
    }

    function test_VAL_308_TokenMismatch() external {
        uint256 other = _mint(seller, 2);
        Try memory attempt = _goodOffer();
        attempt.acceptance.tokenId = other;
        _only(attempt, Reasons.TOKEN_MISMATCH);

        attempt.order = _collectionOffer();
        attempt.order.tokenId = _idOf(studio, 0);
        _signAgain(attempt);
        _only(attempt, Reasons.TOKEN_MISMATCH);
        attempt.order.tokenId = _idOf(artist, 5);
        _signAgain(attempt);
        _only(attempt, Reasons.TOKEN_MISMATCH);
    }

    function test_VAL_310_NoCode() external {
        Try memory attempt = _goodForeign();
        attempt.order.collection = studio;
        _signAgain(attempt);
        _only(attempt, Reasons.NO_CODE);
    }

    function test_VAL_401_CurrencyUnsupported() external {
        Try memory attempt = _goodListing();
        attempt.order.currency = address(foreign);
        _signAgain(attempt);
        _only(attempt, Reasons.CURRENCY_UNSUPPORTED);

        // Offers are made in an ERC-20 alone.
        attempt = _goodOffer();
        attempt.order.currency = address(0);
        _signAgain(attempt);
        _only(attempt, Reasons.CURRENCY_UNSUPPORTED);
    }

    function test_VAL_402_BalanceTooLow() external {
        Try memory attempt = _goodListing();
        vm.deal(buyer, PRICE - 1);
        _only(attempt, Reasons.BALANCE_TOO_LOW);

        attempt = _goodOffer();
        vm.prank(collector);
        vm.assertTrue(weth.transfer(studio, PURSE - PRICE + 1));
        _only(attempt, Reasons.BALANCE_TOO_LOW);
    }

    function test_VAL_402_NobodyPaysOneself() external {
        // The collector is the royalty receiver: the royalty need not be there.
        foreign.setRoyalty(collector, ROYALTY_BPS);
        Try memory attempt = _goodOffer();
        (attempt.order.collection, attempt.order.tokenId) = (address(foreign), 1);
        attempt.acceptance.tokenId = 1;
        _signAgain(attempt);
        vm.startPrank(collector);
        vm.assertTrue(weth.transfer(studio, PURSE - PRICE + ROYALTY));
        weth.approve(address(exchange), PRICE - ROYALTY);
        vm.stopPrank();

        vm.assertEq(_reasonsOf(attempt).length, 0);
        vm.assertTrue(_fills(attempt));
    }

    function test_VAL_403_AllowanceTooLow() external {
        Try memory attempt = _goodListing();
        attempt.order.currency = address(weth);
        _signAgain(attempt);
        vm.assertEq(_reasonsOf(attempt).length, 0);
        vm.prank(buyer);
        weth.approve(address(exchange), PRICE - 1);
        _only(attempt, Reasons.ALLOWANCE_TOO_LOW);
    }

    function test_VAL_404_RoyaltyAboveMaximum() external {
        Try memory attempt = _goodForeign();
        foreign.setRoyalty(artist, ROYALTY_BPS + 1);
        _only(attempt, Reasons.ROYALTY_ABOVE_MAXIMUM);
    }

    function test_VAL_405_FeeAboveMaximum() external {
        Try memory attempt = _goodListing();
        attempt.order.maxFeeBps = FEE_BPS - 1;
        _signAgain(attempt);
        _only(attempt, Reasons.FEE_ABOVE_MAXIMUM);
    }

    function test_VAL_406_PriceExceeded() external {
        foreign.setRoyalty(artist, 9801);
        Try memory attempt = _goodForeign();
        attempt.order.maxRoyaltyBps = 10_000;
        _signAgain(attempt);
        _only(attempt, Reasons.PRICE_EXCEEDED);
    }

    function test_VAL_407_ProceedsTooLow() external {
        Try memory attempt = _goodOffer();
        attempt.acceptance.minProceeds = PRICE - ROYALTY - FEE;
        vm.assertEq(_reasonsOf(attempt).length, 0);
        attempt.acceptance.minProceeds += 1;
        _only(attempt, Reasons.PROCEEDS_TOO_LOW);
    }

    function test_VAL_WalletsSign() external {
        GoodWallet wallet = new GoodWallet(seller);
        Try memory attempt = _goodListing();
        attempt.order.maker = address(wallet);
        attempt.order.tokenId = _mint(address(wallet), 2);
        wallet.approve(address(works), address(exchange));
        _signAgain(attempt);

        vm.assertEq(_reasonsOf(attempt).length, 0);
        vm.assertTrue(_fills(attempt));
    }

    function test_VAL_EveryReasonIsListed() external {
        Try memory attempt = _goodListing();
        attempt.signature = "";
        attempt.order.taker = studio;
        attempt.order.maxFeeBps = 0;
        attempt.order.maxRoyaltyBps = 0;
        attempt.order.counter = 9;
        vm.startPrank(seller);
        exchange.cancel(_nonces(attempt.order.nonce));
        works.transferFrom(seller, artist, tokenId);
        vm.stopPrank();
        vm.prank(guardian);
        exchange.pause();
        vm.warp(attempt.order.end + 1);
        vm.deal(buyer, 0);

        uint16[] memory reasons = _reasonsOf(attempt);

        uint16[10] memory expected = [
            Reasons.SIGNATURE_INVALID,
            Reasons.NONCE_USED,
            Reasons.COUNTER_AHEAD,
            Reasons.EXPIRED,
            Reasons.TAKER_MISMATCH,
            Reasons.NOT_OWNER,
            Reasons.OWNERSHIP_MOVED,
            Reasons.BALANCE_TOO_LOW,
            Reasons.ROYALTY_ABOVE_MAXIMUM,
            Reasons.FEE_ABOVE_MAXIMUM
        ];
        // The pause of seven days has ended by then.
        vm.assertEq(reasons.length, 10);
        for (uint256 i = 0; i < reasons.length; ++i) {
            vm.assertEq(reasons[i], expected[i]);
        }
    }

    function test_VAL_OffersWithoutATakerOrAWork() external {
        Try memory attempt = _goodOffer();
        attempt.taker = address(0);
        attempt.acceptance.tokenId = 0;
        vm.assertEq(_reasonsOf(attempt).length, 0);
        attempt.order = _collectionOffer();
        _signAgain(attempt);
        vm.assertEq(_reasonsOf(attempt).length, 0);
        attempt.order.kind = TOKEN_OFFER;
        attempt.order.tokenId = tokenId + 1;
        _signAgain(attempt);
        _isOnly(_reasonsOf(attempt), Reasons.TOKEN_GONE);
    }
}
