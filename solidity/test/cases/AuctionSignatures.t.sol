// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuctions} from "../../src/interfaces/IAuctions.sol";
import {Auction} from "../../src/types/Orders.sol";
import {AuctionsBase} from "../AuctionsBase.t.sol";
import {
    GoodWallet,
    LyingWallet,
    PlainDelegate,
    RefusingDelegate,
    YesWallet
} from "../doubles/Wallets.sol";
import {PlainAuction} from "../reference/PlainAuction.sol";
import {PlainHash} from "../reference/PlainHash.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Signatures and the identity of auctions: cases SIG-01 to SIG-12 as they apply here.
contract AuctionSignatures_Cases is AuctionsBase {
    uint256 private constant FIELDS = 14;

    function testFuzz_SIG01_AnyAuctionFieldChanged(uint256 field, uint256 bits) external {
        Auction memory auction = _auction();
        bytes memory signature = _sign(SELLER_KEY, auction);
        bytes32 before = keccak256(abi.encode(auction));
        Auction memory changed = _changed(auction, bound(field, 0, FIELDS - 1), bits);
        vm.assume(keccak256(abi.encode(changed)) != before);
        uint256 amount = bound(changed.reserve, 1 gwei, 2 ** 64 * 1 gwei) / 1 gwei * 1 gwei;

        vm.deal(buyer, amount);
        vm.prank(buyer);
        (bool success,) = address(auctions).call{value: amount}(
            abi.encodeCall(IAuctions.open, (changed, signature))
        );

        vm.assertFalse(success);
        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function testFuzz_SIG01_RunningAuctionHasOneName(uint256 field, uint256 bits) external {
        // Terms are supplied again with every call: others are another auction.
        Auction memory auction = _auction();
        _open(auction);
        bytes32 before = keccak256(abi.encode(auction));
        Auction memory changed = _changed(auction, bound(field, 0, FIELDS - 1), bits);
        vm.assume(keccak256(abi.encode(changed)) != before);
        vm.warp(NOW + 8 days);

        (bool settled,) = address(auctions).call(abi.encodeCall(IAuctions.settle, (changed)));
        (bool unwound,) = address(auctions).call(abi.encodeCall(IAuctions.unwind, (changed)));
        (bool reclaimed,) = address(auctions).call(abi.encodeCall(IAuctions.reclaim, (changed)));

        vm.assertFalse(settled || unwound || reclaimed);
        vm.assertEq(works.ownerOf(tokenId), address(auctions));
    }

    function test_SIG01_EveryAuctionFieldIsHashed() external view {
        bytes32 signed = auctions.hashAuction(_auction());
        for (uint256 field = 0; field < FIELDS; ++field) {
            Auction memory changed = _changed(_auction(), field, 0x1234567);
            vm.assertNotEq(auctions.hashAuction(changed), signed);
        }
    }

    function test_SIG02_AuctionOnAnotherChain() external {
        Auction memory auction = _auction();
        bytes memory signature = _sign(SELLER_KEY, auction);

        vm.chainId(block.chainid + 1);

        _refuseOpen(auction, RESERVE, signature, _invalid(auction));
    }

    function test_SIG02_AuctionOfAnotherDeployment() external {
        Auction memory auction = _auction();
        bytes memory signature = _sign(SELLER_KEY, auction);
        auctions = _deployAuctions(FEE_BPS);

        _refuseOpen(auction, RESERVE, signature, _invalid(auction));
    }

    function test_SIG03_NonsenseForAnAuction() external {
        Auction memory auction = _auction();
        bytes memory good = _sign(SELLER_KEY, auction);
        (bytes32 r, bytes32 s, uint8 v) = _parts(good);

        _refuseOpen(
            auction, RESERVE, abi.encodePacked(bytes32(0), bytes32(0), v), _invalid(auction)
        );
        _refuseOpen(auction, RESERVE, abi.encodePacked(r, s, uint8(0)), _invalid(auction));
        _refuseOpen(auction, RESERVE, abi.encodePacked(r, s, uint8(29)), _invalid(auction));
        _refuseOpen(auction, RESERVE, "", _invalid(auction));
        _refuseOpen(auction, RESERVE, new bytes(63), _invalid(auction));
        _refuseOpen(auction, RESERVE, new bytes(65), _invalid(auction));
        _refuseOpen(auction, RESERVE, abi.encodePacked(good, uint8(0)), _invalid(auction));
        _refuseOpen(auction, RESERVE, new bytes(10_000), _invalid(auction));
    }

    function test_SIG04_HighSForAnAuction() external {
        Auction memory auction = _auction();
        (bytes32 r, bytes32 s, uint8 v) = _parts(_sign(SELLER_KEY, auction));
        bytes memory twin = abi.encodePacked(r, SECP256K1_N - uint256(s), v == 27 ? uint8(28) : 27);

        _refuseOpen(auction, RESERVE, twin, _invalid(auction));
    }

    function test_SIG05_ShortAndLongFormOfAnAuction() external {
        Auction memory auction = _auction();
        bytes memory long = _sign(SELLER_KEY, auction);

        _open(auction, RESERVE, _compact(long));

        _refuseOpen(
            auction,
            RESERVE,
            long,
            abi.encodeWithSelector(
                IAuctions.Auctions_AlreadyOpened.selector, auctions.hashAuction(auction)
            )
        );
    }

    function test_SIG06_OrderSignatureIsNoneOfAnAuction() external {
        Auction memory auction = _auction();

        _refuseOpen(auction, RESERVE, _sign(SELLER_KEY, _listing()), _invalid(auction));
    }

    function test_SIG07_GoodWalletAuctions() external {
        GoodWallet wallet = new GoodWallet(seller);
        Auction memory auction = _auctionOf(address(wallet));
        wallet.approve(address(works), address(auctions));

        _open(auction);

        vm.assertEq(works.ownerOf(auction.tokenId), address(auctions));
    }

    function testFuzz_SIG07_LyingWalletsAuctionNothing(uint8 lie) external {
        LyingWallet.Lie which = LyingWallet.Lie(bound(lie, 0, uint8(type(LyingWallet.Lie).max)));
        LyingWallet wallet = new LyingWallet(which);
        Auction memory auction = _auctionOf(address(wallet));
        wallet.approve(address(works), address(auctions));

        _refuseOpen(auction, RESERVE, _sign(SELLER_KEY, auction), _invalid(auction));

        vm.assertEq(works.ownerOf(auction.tokenId), address(wallet));
    }

    function test_SIG08_WalletThatSaysYesToAnAuction() external {
        YesWallet wallet = new YesWallet();
        Auction memory auction = _auctionOf(address(wallet));
        wallet.approve(address(works), address(auctions));

        // Anybody auctions its work, and it alone is hurt.
        auction.reserve = 1;
        _open(auction, 1 gwei, "");
        vm.assertEq(works.ownerOf(auction.tokenId), address(auctions));

        // It cannot say yes for another's work.
        Auction memory other = _auction();
        other.seller = address(wallet);
        _refuseOpen(
            other,
            RESERVE,
            "",
            abi.encodeWithSelector(IAuctions.Auctions_SellerNotOwner.selector, wallet, seller)
        );
        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_SIG10_TwoWalletsOfOneKeyAndOneAuction() external {
        GoodWallet first = new GoodWallet(seller);
        GoodWallet second = new GoodWallet(seller);
        Auction memory auction = _auctionOf(address(first));
        bytes memory signature = _sign(SELLER_KEY, auction);
        auction.seller = address(second);

        _refuseOpen(auction, RESERVE, signature, _invalid(auction));
    }

    function test_SIG11_DelegatedAccountAuctions() external {
        vm.signAndAttachDelegation(address(new PlainDelegate()), SELLER_KEY);
        vm.assertGt(seller.code.length, 0);

        _open(_auction());

        vm.assertEq(works.ownerOf(tokenId), address(auctions));
    }

    function test_SIG11_DelegatedSellerThatRefusesCoin() external {
        Auction memory auction = _auction();
        _open(auction);
        vm.signAndAttachDelegation(address(new RefusingDelegate()), SELLER_KEY);

        _settle(auction);

        vm.assertEq(works.ownerOf(tokenId), buyer);
        vm.assertEq(auctions.credit(seller, address(0)), RESERVE - ROYALTY - FEE);
    }

    function testFuzz_SIG12_AuctionHash(Auction calldata auction) external view {
        bytes32 domain = PlainHash.domain("Vernissage Auctions", block.chainid, address(auctions));

        vm.assertEq(
            auctions.hashAuction(auction), PlainHash.digest(domain, PlainAuction.hash(auction))
        );
    }

    function test_SIG15_AuctionOfAWalletNotDeployedYet() external {
        address wallet = vm.computeCreateAddress(address(this), 1000);
        Auction memory auction = _auctionOf(wallet);

        _refuseOpen(auction, RESERVE, _sign(SELLER_KEY, auction), _invalid(auction));
    }

    function _auctionOf(address who) private returns (Auction memory auction) {
        auction = _auction();
        auction.seller = who;
        auction.tokenId = _mint(who, 9);
        auction.transferCount = 0;
    }

    function _invalid(Auction memory auction) private view returns (bytes memory) {
        return abi.encodeWithSelector(
            IAuctions.Auctions_SignatureInvalid.selector,
            auctions.hashAuction(auction),
            auction.seller
        );
    }

    /// @dev The auction with one field as these bits say, the others as they are.
    function _changed(Auction memory auction, uint256 field, uint256 bits)
        private
        pure
        returns (Auction memory)
    {
        if (field == 0) auction.seller = address(uint160(bits));
        if (field == 1) auction.collection = address(uint160(bits));
        if (field == 2) auction.tokenId = bits;
        if (field == 3) auction.transferCount = bits;
        if (field == 4) auction.reserve = bits;
        if (field == 5) auction.start = uint64(bits);
        if (field == 6) auction.openUntil = uint64(bits);
        if (field == 7) auction.duration = uint64(bits);
        if (field == 8) auction.end = uint64(bits);
        if (field == 9) auction.minStepBps = uint16(bits);
        if (field == 10) auction.maxRoyaltyBps = uint16(bits);
        if (field == 11) auction.maxFeeBps = uint16(bits);
        if (field == 12) auction.nonce = bits;
        if (field == 13) auction.counter = bits;
        return auction;
    }
}
