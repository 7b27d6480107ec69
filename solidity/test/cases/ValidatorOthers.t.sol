// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auction, UNBOUND, Voucher} from "../../src/types/Orders.sol";
import {Reasons} from "../../src/types/Reasons.sol";
import {ValidatorBase} from "../ValidatorBase.t.sol";
import {RoyaltyToken} from "../doubles/Tokens.sol";
import {vm} from "../support/Vm.sol";

/// @notice Claims to be whatever it is asked for.
contract Braggart {
    function supportsInterface(bytes4) external pure returns (bool) {
        return true;
    }
}

/// @notice Each reason that an auction or a voucher can have, and each warning.
contract ValidatorOthers_Cases is ValidatorBase {
    function test_VAL_GoodAuctionHasNoReason() external {
        Auction memory auction = _goodAuction();
        bytes memory signature = _signAuction(SELLER_KEY, auction);
        (uint16[] memory reasons,) = validator.checkAuction(auction, signature, buyer);

        vm.assertEq(reasons.length, 0);
        vm.assertTrue(_opens(auction, signature, buyer));
    }

    function test_VAL_002_AuctionWithoutSeller() external view {
        Auction memory auction = _goodAuction();
        auction.seller = address(0);
        (uint16[] memory reasons,) = validator.checkAuction(auction, "", buyer);
        vm.assertTrue(_has(reasons, Reasons.MAKER_ZERO));
    }

    function test_VAL_010_UnboundAuctionTooLong() external {
        Auction memory auction = _goodAuction();
        (auction.collection, auction.tokenId) = (address(foreign), 1);
        auction.transferCount = UNBOUND;
        auction.openUntil = auction.start + 60 days + 1;
        _onlyAuction(auction, Reasons.UNBOUND_TOO_LONG);
    }

    function test_VAL_011_AuctionTermsInvalid() external {
        Auction memory auction = _goodAuction();
        auction.duration = 31 days;
        _onlyAuction(auction, Reasons.TERMS_INVALID);
        auction = _goodAuction();
        auction.maxRoyaltyBps = 9801;
        _onlyAuction(auction, Reasons.TERMS_INVALID);
    }

    function test_VAL_011_ReserveThatNobodyCanBid() external view {
        Auction memory auction = _goodAuction();
        auction.reserve = type(uint256).max;
        (uint16[] memory reasons,) =
            validator.checkAuction(auction, _signAuction(SELLER_KEY, auction), buyer);
        _isOnly(reasons, Reasons.TERMS_INVALID);
    }

    function test_VAL_101_AuctionSignatureInvalid() external view {
        Auction memory auction = _goodAuction();
        (uint16[] memory reasons,) =
            validator.checkAuction(auction, _signAuction(FORGER_KEY, auction), buyer);
        _isOnly(reasons, Reasons.SIGNATURE_INVALID);
    }

    function test_VAL_102_AuctionNonceUsed() external {
        Auction memory auction = _goodAuction();
        vm.prank(seller);
        exchange.cancel(_nonces(auction.nonce));
        _onlyAuction(auction, Reasons.NONCE_USED);
    }

    function test_VAL_103_AuctionCounterMoved() external {
        vm.prank(seller);
        exchange.cancelAll();
        _onlyAuction(_goodAuction(), Reasons.COUNTER_MOVED);
    }

    function test_VAL_104_AuctionCounterAhead() external {
        Auction memory auction = _goodAuction();
        auction.counter = 1;
        _onlyAuction(auction, Reasons.COUNTER_AHEAD);
    }

    function test_VAL_201_AuctionNotStarted() external {
        Auction memory auction = _goodAuction();
        auction.start = uint64(NOW + 1);
        _onlyAuction(auction, Reasons.NOT_STARTED);
    }

    function test_VAL_202_AuctionNoLongerOpen() external {
        Auction memory auction = _goodAuction();
        vm.warp(auction.openUntil + 1);
        _onlyAuction(auction, Reasons.EXPIRED);
        // A scheduled one that may be opened until its end cannot be opened in that second.
        auction = _goodAuction();
        auction.duration = 0;
        auction.end = auction.openUntil;
        vm.warp(auction.end);
        _onlyAuction(auction, Reasons.EXPIRED);
    }

    function test_VAL_204_SellerIsBidder() external {
        Auction memory auction = _goodAuction();
        vm.deal(seller, 10 ether);
        bytes memory signature = _signAuction(SELLER_KEY, auction);
        (uint16[] memory reasons,) = validator.checkAuction(auction, signature, seller);
        _isOnly(reasons, Reasons.MAKER_IS_TAKER);
        vm.assertFalse(_opens(auction, signature, seller));
    }

    function test_VAL_205_AuctionsPaused() external {
        vm.prank(guardian);
        auctions.pause();
        _onlyAuction(_goodAuction(), Reasons.PAUSED);
        // The exchange is not.
        vm.assertEq(_reasonsOf(_goodListing()).length, 0);
    }

    function test_VAL_206_AuctionsRetired() external {
        vm.prank(owner);
        auctions.retire();
        _onlyAuction(_goodAuction(), Reasons.RETIRED);
    }

    function test_VAL_209_AlreadyOpened() external {
        Auction memory auction = _goodAuction();
        bytes memory signature = _signAuction(SELLER_KEY, auction);
        vm.prank(buyer);
        auctions.open{value: RESERVE}(auction, signature);
        _onlyAuction(auction, Reasons.ALREADY_OPENED);
    }

    function test_VAL_210_AuctionOver() external {
        Auction memory auction = _goodAuction();
        bytes memory signature = _signAuction(SELLER_KEY, auction);
        vm.prank(buyer);
        auctions.open{value: RESERVE}(auction, signature);
        vm.warp(NOW + 1 days);
        auctions.settle(auction);
        _onlyAuction(auction, Reasons.AUCTION_OVER);
    }

    function test_VAL_303_AuctionedWorkMoved() external {
        vm.prank(seller);
        works.transferFrom(seller, seller, tokenId);
        _onlyAuction(_goodAuction(), Reasons.OWNERSHIP_MOVED);
    }

    function test_VAL_304_AuctionsNotApproved() external {
        vm.prank(seller);
        works.setApprovalForAll(address(auctions), false);
        _onlyAuction(_goodAuction(), Reasons.NOT_APPROVED);
    }

    function test_VAL_402_BidderHasTooLittle() external {
        vm.deal(buyer, RESERVE - 1);
        _onlyAuction(_goodAuction(), Reasons.BALANCE_TOO_LOW);
    }

    function test_VAL_404_AuctionRoyaltyAboveMaximum() external {
        Auction memory auction = _goodAuction();
        auction.maxRoyaltyBps = ROYALTY_BPS - 1;
        _onlyAuction(auction, Reasons.ROYALTY_ABOVE_MAXIMUM);
    }

    function test_VAL_405_AuctionFeeAboveMaximum() external {
        Auction memory auction = _goodAuction();
        auction.maxFeeBps = FEE_BPS - 1;
        _onlyAuction(auction, Reasons.FEE_ABOVE_MAXIMUM);
    }

    function test_VAL_GoodVoucherHasNoReason() external {
        Voucher memory voucher = _goodVoucher();
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        (uint16[] memory reasons,) =
            validator.checkVoucher(address(collection), voucher, artist, signature, 0, buyer);

        vm.assertEq(reasons.length, 0);
        vm.assertTrue(_redeems(voucher, artist, signature, 0, buyer));
    }

    function test_VAL_001_CollectionOfAnotherKind() external view {
        Voucher memory voucher = _goodVoucher();
        (uint16[] memory reasons,) =
            validator.checkVoucher(address(foreign), voucher, artist, "", 0, buyer);
        vm.assertTrue(_has(reasons, Reasons.KIND_UNKNOWN));
    }

    function test_VAL_011_DefaultRoyaltyWithReceiver() external {
        Voucher memory voucher = _goodVoucher();
        voucher.royaltyBps = type(uint16).max;
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        vm.assertTrue(_redeems(voucher, artist, signature, 0, buyer));
        voucher.royaltyReceiver = studio;
        _onlyVoucher(voucher, Reasons.TERMS_INVALID);
    }

    function test_VAL_013_VoucherFeeTooHigh() external {
        Voucher memory voucher = _goodVoucher();
        voucher.maxFeeBps = 501;
        _onlyVoucher(voucher, Reasons.FEE_TOO_HIGH);
    }

    function test_VAL_014_DigestZero() external {
        Voucher memory voucher = _goodVoucher();
        voucher.metadataDigest = 0;
        _onlyVoucher(voucher, Reasons.DIGEST_ZERO);
    }

    function test_VAL_015_RoyaltyTooHigh() external {
        Voucher memory voucher = _goodVoucher();
        voucher.royaltyBps = 2501;
        _onlyVoucher(voucher, Reasons.ROYALTY_TOO_HIGH);
    }

    function test_VAL_101_VoucherSignatureInvalid() external {
        Voucher memory voucher = _goodVoucher();
        _onlyVoucher(voucher, _signVoucher(FORGER_KEY, voucher), Reasons.SIGNATURE_INVALID);
    }

    function test_VAL_102_VoucherNonceUsed() external {
        vm.prank(artist);
        exchange.cancel(_nonces(7));
        _onlyVoucher(_goodVoucher(), Reasons.NONCE_USED);
    }

    function test_VAL_103_VoucherCounterMoved() external {
        vm.prank(artist);
        exchange.cancelAll();
        _onlyVoucher(_goodVoucher(), Reasons.COUNTER_MOVED);
    }

    function test_VAL_105_SignerNotAllowed() external {
        Voucher memory voucher = _goodVoucher();
        bytes memory signature = _signVoucher(FORGER_KEY, voucher);
        (uint16[] memory reasons,) =
            validator.checkVoucher(address(collection), voucher, forger, signature, 0, buyer);
        _isOnly(reasons, Reasons.SIGNER_NOT_ALLOWED);
        vm.assertFalse(_redeems(voucher, forger, signature, 0, buyer));

        // A minter may, as long as the artist says so.
        vm.prank(artist);
        collection.setMinter(forger, true);
        (reasons,) =
            validator.checkVoucher(address(collection), voucher, forger, signature, 0, buyer);
        vm.assertEq(reasons.length, 0);
        vm.assertTrue(_redeems(voucher, forger, signature, 0, buyer));
    }

    function test_VAL_202_VoucherExpired() external {
        Voucher memory voucher = _goodVoucher();
        voucher.end = uint64(NOW - 1);
        _onlyVoucher(voucher, Reasons.EXPIRED);
    }

    function test_VAL_203_VoucherRecipient() external {
        Voucher memory voucher = _goodVoucher();
        voucher.recipient = studio;
        _onlyVoucher(voucher, Reasons.TAKER_MISMATCH);
    }

    function test_VAL_207_RecipientLimit() external {
        Voucher memory voucher = _goodVoucher();
        (voucher.editionSize, voucher.maxPerRecipient) = (5, 1);
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        vm.prank(buyer);
        collection.redeem{value: PRICE}(voucher, artist, signature, 3);
        _onlyVoucher(voucher, Reasons.RECIPIENT_LIMIT);
    }

    function test_VAL_208_EditionExceeded() external {
        Voucher memory voucher = _goodVoucher();
        voucher.editionSize = 0;
        _onlyVoucher(voucher, Reasons.EDITION_EXCEEDED);
        // The number after the creator's last is another creator's.
        voucher.editionSize = 2;
        voucher.tokenId = _idOf(artist, type(uint96).max);
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        (uint16[] memory reasons,) =
            validator.checkVoucher(address(collection), voucher, artist, signature, 1, buyer);
        _isOnly(reasons, Reasons.EDITION_EXCEEDED);
        vm.assertFalse(_redeems(voucher, artist, signature, 1, buyer));
    }

    function test_VAL_309_AlreadyMinted() external {
        Voucher memory voucher = _goodVoucher();
        voucher.tokenId = tokenId;
        _onlyVoucher(voucher, Reasons.ALREADY_MINTED);
        vm.prank(seller);
        collection.burn(tokenId);
        _onlyVoucher(voucher, Reasons.ALREADY_MINTED);
    }

    function test_VAL_310_VoucherOfNobody() external view {
        (uint16[] memory reasons,) =
            validator.checkVoucher(studio, _goodVoucher(), artist, "", 0, buyer);
        _isOnly(reasons, Reasons.NO_CODE);
    }

    function test_VAL_401_VoucherCurrencyWithoutCode() external {
        Voucher memory voucher = _goodVoucher();
        voucher.currency = studio;
        _onlyVoucher(voucher, Reasons.CURRENCY_UNSUPPORTED);
    }

    function test_VAL_402_VoucherTakerHasTooLittle() external {
        vm.deal(buyer, PRICE - 1);
        _onlyVoucher(_goodVoucher(), Reasons.BALANCE_TOO_LOW);
    }

    function test_VAL_403_VoucherAllowanceTooLow() external {
        Voucher memory voucher = _goodVoucher();
        voucher.currency = address(weth);
        _onlyVoucher(voucher, Reasons.ALLOWANCE_TOO_LOW);
    }

    function test_VAL_1001_NoRoyaltyAnswer() external {
        RoyaltyToken token = new RoyaltyToken();
        token.mint(seller, 1);
        token.set(RoyaltyToken.Answer.Reverts, artist, 0);
        Try memory attempt = _goodForeign();
        attempt.order.collection = address(token);
        vm.assertTrue(_has(_warningsOf(attempt), Reasons.NO_ROYALTY_ANSWER));
        vm.assertFalse(_has(_warningsOf(_goodForeign()), Reasons.NO_ROYALTY_ANSWER));
    }

    function test_VAL_1002_UnboundOrder() external view {
        vm.assertTrue(_has(_warningsOf(_goodForeign()), Reasons.UNBOUND_ORDER));
        vm.assertFalse(_has(_warningsOf(_goodListing()), Reasons.UNBOUND_ORDER));
    }

    function test_VAL_1003_NoErc721Claimed() external view {
        Try memory attempt = _goodForeign();
        vm.assertFalse(_has(_warningsOf(attempt), Reasons.NO_ERC721_CLAIMED));
        attempt.order.collection = address(weth);
        vm.assertTrue(_has(_warningsOf(attempt), Reasons.NO_ERC721_CLAIMED));
    }

    function test_VAL_1005_AlsoErc1155() external {
        Try memory attempt = _goodForeign();
        vm.assertFalse(_has(_warningsOf(attempt), Reasons.ALSO_ERC1155));
        attempt.order.collection = address(new Braggart());
        vm.assertTrue(_has(_warningsOf(attempt), Reasons.ALSO_ERC1155));
    }

    function test_VAL_1004_MetadataNotFrozen() external {
        vm.assertTrue(_has(_warningsOf(_goodListing()), Reasons.METADATA_NOT_FROZEN));
        vm.prank(artist);
        collection.freeze(tokenId);
        vm.assertFalse(_has(_warningsOf(_goodListing()), Reasons.METADATA_NOT_FROZEN));
    }

    function test_VAL_1006_AnyWorkOfOpenCollection() external view {
        Try memory attempt = _goodOffer();
        attempt.order = _collectionOffer();
        vm.assertTrue(_has(_warningsOf(attempt), Reasons.ANY_WORK_OF_OPEN_COLLECTION));
        attempt.order.tokenId = _idOf(artist, 0);
        vm.assertFalse(_has(_warningsOf(attempt), Reasons.ANY_WORK_OF_OPEN_COLLECTION));
    }

    function test_VAL_1007_FeeWillRise() external {
        vm.prank(owner);
        exchange.setFee(500);
        vm.assertTrue(_has(_warningsOf(_goodListing()), Reasons.FEE_WILL_RISE));
        vm.assertEq(_reasonsOf(_goodListing()).length, 0);
    }

    function test_VAL_1008_HighRoyalty() external {
        foreign.setRoyalty(artist, 1001);
        vm.assertTrue(_has(_warningsOf(_goodForeign()), Reasons.HIGH_ROYALTY));
        foreign.setRoyalty(artist, 1000);
        vm.assertFalse(_has(_warningsOf(_goodForeign()), Reasons.HIGH_ROYALTY));
    }
}
