// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuctions} from "../src/interfaces/IAuctions.sol";
import {ICollection} from "../src/interfaces/ICollection.sol";
import {IExchange} from "../src/interfaces/IExchange.sol";
import {IValidator} from "../src/interfaces/IValidator.sol";
import {
    Acceptance,
    Auction,
    Bulk,
    COLLECTION_OFFER,
    LISTING,
    Order,
    UNBOUND,
    Voucher
} from "../src/types/Orders.sol";
import {ExchangeBase} from "./ExchangeBase.t.sol";
import {vm} from "./support/Vm.sol";

/// @notice The validator, one good specimen of everything that is signed, and a comparison: no
/// reasons, and the contracts do it; reasons, and they refuse.
abstract contract ValidatorBase is ExchangeBase {
    uint256 internal constant ARTIST_KEY = 0xa27157;
    uint256 internal constant RESERVE = 1 ether;

    /// @dev One order as somebody would fill it.
    struct Try {
        Order order;
        bytes signature;
        Bulk bulk;
        address taker;
        Acceptance acceptance;
    }

    IAuctions internal auctions;
    IValidator internal validator;

    function setUp() public virtual override {
        artist = vm.addr(ARTIST_KEY);
        super.setUp();
        auctions = IAuctions(
            vm.deployCode(
                "Auctions.sol:Auctions", abi.encode(owner, platform, FEE_BPS, address(exchange))
            )
        );
        validator = IValidator(
            vm.deployCode(
                "Validator.sol:Validator", abi.encode(address(exchange), address(auctions))
            )
        );
        vm.prank(owner);
        auctions.setGuardian(guardian);
        vm.startPrank(seller);
        works.setApprovalForAll(address(auctions), true);
        foreign.setApprovalForAll(address(auctions), true);
        vm.stopPrank();
        foreign.mint(seller, 1);
        vm.deal(address(this), 0);
    }

    function _goodListing() internal view returns (Try memory attempt) {
        attempt.order = _listing();
        attempt.taker = buyer;
        attempt.signature = _sign(SELLER_KEY, attempt.order);
    }

    /// @dev An unbound listing of a foreign work.
    function _goodForeign() internal view returns (Try memory attempt) {
        attempt.order = _foreignListing(address(foreign), 1);
        attempt.taker = buyer;
        attempt.signature = _sign(SELLER_KEY, attempt.order);
    }

    /// @dev An offer of the collector on `tokenId`, met by the seller.
    function _goodOffer() internal view returns (Try memory attempt) {
        attempt.order = _offer();
        attempt.taker = seller;
        attempt.acceptance = _acceptance(tokenId);
        attempt.signature = _sign(COLLECTOR_KEY, attempt.order);
    }

    function _goodAuction() internal view returns (Auction memory auction) {
        auction.seller = seller;
        auction.collection = address(collection);
        auction.tokenId = tokenId;
        auction.reserve = RESERVE;
        auction.start = uint64(NOW - 1 days);
        auction.openUntil = uint64(NOW + 30 days);
        auction.duration = 1 days;
        auction.minStepBps = 500;
        auction.maxRoyaltyBps = ROYALTY_BPS;
        auction.maxFeeBps = FEE_BPS;
        auction.nonce = 7;
    }

    function _goodVoucher() internal view returns (Voucher memory voucher) {
        voucher.tokenId = _idOf(artist, 100);
        voucher.metadataDigest = DIGEST;
        voucher.price = PRICE;
        voucher.royaltyBps = ROYALTY_BPS;
        voucher.feeReceiver = platform;
        voucher.maxFeeBps = FEE_BPS;
        voucher.editionSize = 1;
        voucher.start = uint64(NOW - 1 days);
        voucher.end = uint64(NOW + 30 days);
        voucher.nonce = 7;
    }

    function _signAgain(Try memory attempt) internal view {
        uint256 key = attempt.order.kind == LISTING ? SELLER_KEY : COLLECTOR_KEY;
        attempt.signature = _sign(key, attempt.order);
    }

    function _signAuction(uint256 key, Auction memory auction)
        internal
        view
        returns (bytes memory)
    {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, auctions.hashAuction(auction));
        return abi.encodePacked(r, s, v);
    }

    function _signVoucher(uint256 key, Voucher memory voucher)
        internal
        view
        returns (bytes memory)
    {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, collection.hashVoucher(voucher));
        return abi.encodePacked(r, s, v);
    }

    function _reasonsOf(Try memory attempt) internal view returns (uint16[] memory reasons) {
        (reasons,) = validator.checkOrder(
            attempt.order, attempt.signature, attempt.bulk, attempt.taker, attempt.acceptance
        );
    }

    function _warningsOf(Try memory attempt) internal view returns (uint16[] memory warnings) {
        (, warnings) = validator.checkOrder(
            attempt.order, attempt.signature, attempt.bulk, attempt.taker, attempt.acceptance
        );
    }

    /// @dev Whether the exchange does it; afterwards all is as before.
    function _fills(Try memory attempt) internal returns (bool success) {
        uint256 state = vm.snapshotState();
        bytes memory data;
        uint256 value;
        if (attempt.order.kind == LISTING) {
            data = abi.encodeCall(
                IExchange.fillBulk, (attempt.order, attempt.signature, attempt.bulk)
            );
            if (attempt.order.currency == address(0)) value = attempt.order.price;
        } else {
            data = abi.encodeCall(
                IExchange.accept,
                (attempt.order, attempt.signature, attempt.bulk, attempt.acceptance)
            );
        }
        // Who does not hold the price cannot send it.
        if (attempt.taker.balance >= value) {
            vm.prank(attempt.taker);
            (success,) = address(exchange).call{value: value}(data);
        }
        vm.revertToState(state);
    }

    function _opens(Auction memory auction, bytes memory signature, address bidder)
        internal
        returns (bool success)
    {
        uint256 state = vm.snapshotState();
        uint256 value = (auction.reserve + 1 gwei - 1) / 1 gwei * 1 gwei;
        if (bidder.balance >= value) {
            vm.prank(bidder);
            (success,) = address(auctions).call{value: value}(
                abi.encodeCall(IAuctions.open, (auction, signature))
            );
        }
        vm.revertToState(state);
    }

    function _redeems(
        Voucher memory voucher,
        address signer,
        bytes memory signature,
        uint32 n,
        address taker
    ) internal returns (bool success) {
        uint256 state = vm.snapshotState();
        uint256 value = voucher.currency == address(0) ? voucher.price : 0;
        if (taker.balance >= value) {
            vm.prank(taker);
            (success,) = address(collection).call{value: value}(
                abi.encodeCall(ICollection.redeem, (voucher, signer, signature, n))
            );
        }
        vm.revertToState(state);
    }

    /// @dev Exactly this one reason, and the exchange refuses too.
    function _only(Try memory attempt, uint16 reason) internal {
        _isOnly(_reasonsOf(attempt), reason);
        vm.assertFalse(_fills(attempt), "the exchange does it");
    }

    /// @dev This reason among others, and the exchange refuses too.
    function _among(Try memory attempt, uint16 reason) internal {
        vm.assertTrue(_has(_reasonsOf(attempt), reason), vm.toString(reason));
        vm.assertFalse(_fills(attempt), "the exchange does it");
    }

    function _onlyAuction(Auction memory auction, uint16 reason) internal {
        bytes memory signature = _signAuction(SELLER_KEY, auction);
        (uint16[] memory reasons,) = validator.checkAuction(auction, signature, buyer);
        _isOnly(reasons, reason);
        vm.assertFalse(_opens(auction, signature, buyer), "the auctions do it");
    }

    function _onlyVoucher(Voucher memory voucher, uint16 reason) internal {
        _onlyVoucher(voucher, _signVoucher(ARTIST_KEY, voucher), reason);
    }

    function _onlyVoucher(Voucher memory voucher, bytes memory signature, uint16 reason) internal {
        (uint16[] memory reasons,) =
            validator.checkVoucher(address(collection), voucher, artist, signature, 0, buyer);
        _isOnly(reasons, reason);
        vm.assertFalse(_redeems(voucher, artist, signature, 0, buyer), "the collection does it");
    }

    function _isOnly(uint16[] memory reasons, uint16 reason) internal pure {
        vm.assertEq(reasons.length, 1, "number of reasons");
        vm.assertEq(reasons[0], reason);
    }

    function _has(uint16[] memory reasons, uint16 reason) internal pure returns (bool) {
        for (uint256 i = 0; i < reasons.length; ++i) {
            if (reasons[i] == reason) return true;
        }
        return false;
    }

    function _nonces(uint256 nonce) internal pure returns (uint256[] memory nonces) {
        nonces = new uint256[](1);
        nonces[0] = nonce;
    }
}
