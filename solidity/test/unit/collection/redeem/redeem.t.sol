// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";

import {ICollection} from "../../../../src/interfaces/ICollection.sol";
import {ICredits} from "../../../../src/interfaces/ICredits.sol";
import {Voucher} from "../../../../src/types/Orders.sol";
import {CollectionBase} from "../../../CollectionBase.t.sol";
import {OddCoin} from "../../../doubles/OddCoin.sol";
import {RefusingDelegate} from "../../../doubles/Wallets.sol";
import {vm} from "../../../support/Vm.sol";

contract Redeem_Unit_Test is CollectionBase {
    function test_RevertWhen_BeforeItsStart() external {
        Voucher memory voucher = _voucher();
        voucher.start = uint64(NOW + 1);

        _refuseVoucher(
            voucher,
            abi.encodeWithSelector(ICollection.Collection_VoucherNotStarted.selector, NOW + 1, NOW)
        );
    }

    function test_RevertWhen_AfterItsEnd() external {
        Voucher memory voucher = _voucher();
        voucher.end = uint64(NOW - 1);

        _refuseVoucher(
            voucher,
            abi.encodeWithSelector(ICollection.Collection_VoucherExpired.selector, NOW - 1, NOW)
        );
    }

    function test_RevertWhen_CallerNotTheRecipient() external {
        Voucher memory voucher = _voucher();
        voucher.recipient = studio;

        _refuseVoucher(
            voucher,
            abi.encodeWithSelector(ICollection.Collection_VoucherRecipient.selector, studio, buyer)
        );
    }

    function test_RevertWhen_NumberBeyondTheEdition() external {
        Voucher memory voucher = _edition(3);
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);

        _refuseVoucher(
            voucher,
            artist,
            signature,
            3,
            PRICE,
            abi.encodeWithSelector(ICollection.Collection_VoucherEditionExceeded.selector, 3, 3)
        );
    }

    function test_RevertWhen_NumberPastTheLastOfTheCreator() external {
        Voucher memory voucher = _edition(2);
        voucher.tokenId = _idOf(artist, type(uint96).max);
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);

        _refuseVoucher(
            voucher,
            artist,
            signature,
            1,
            PRICE,
            abi.encodeWithSelector(
                ICollection.Collection_SerialTooHigh.selector, uint256(1 << 96) + 1
            )
        );
    }

    function test_RevertWhen_FeeAbove500Bps() external {
        Voucher memory voucher = _voucher();
        voucher.maxFeeBps = 501;

        _refuseVoucher(
            voucher,
            abi.encodeWithSelector(ICollection.Collection_VoucherFeeTooHigh.selector, 501, 500)
        );
    }

    function test_RevertWhen_CoinTooLittle() external {
        _refusePayment(_voucher(), PRICE - 1, PRICE);
    }

    function test_RevertWhen_CoinTooMuch() external {
        _refusePayment(_voucher(), PRICE + 1, PRICE);
    }

    function test_RevertWhen_CoinSentAlongWithAnotherCurrency() external {
        Voucher memory voucher = _voucher();
        voucher.currency = address(new OddCoin(OddCoin.Manner.Behaves));

        _refusePayment(voucher, PRICE, 0);
    }

    function test_RevertWhen_SignerNeitherCreatorNorMinter() external {
        Voucher memory voucher = _voucher();

        _refuseVoucher(
            voucher,
            forger,
            _signVoucher(FORGER_KEY, voucher),
            abi.encodeWithSelector(ICollection.Collection_VoucherSigner.selector, artist, forger)
        );
    }

    function test_RevertWhen_SignatureOfAnother() external {
        Voucher memory voucher = _voucher();

        _refuseVoucher(
            voucher, artist, _signVoucher(FORGER_KEY, voucher), _invalid(voucher, artist)
        );
    }

    function test_RevertWhen_DigestZero() external {
        Voucher memory voucher = _voucher();
        voucher.metadataDigest = 0;

        _refuseVoucher(voucher, abi.encodeWithSelector(ICollection.Collection_DigestZero.selector));
    }

    function test_RevertWhen_RoyaltyAbove2500Bps() external {
        Voucher memory voucher = _voucher();
        voucher.royaltyBps = 2501;

        _refuseVoucher(
            voucher,
            abi.encodeWithSelector(ICollection.Collection_RoyaltyTooHigh.selector, 2501, 2500)
        );
    }

    function test_RevertGiven_NonceCancelled() external {
        uint256[] memory nonces = new uint256[](1);
        nonces[0] = 7;
        vm.prank(artist);
        exchange.cancel(nonces);

        _refuseVoucher(
            _voucher(),
            abi.encodeWithSelector(ICollection.Collection_VoucherNonceUsed.selector, artist, 7)
        );
    }

    function test_RevertGiven_AllCancelled() external {
        Voucher memory voucher = _voucher();
        vm.prank(artist);
        exchange.cancelAll();
        uint256 counter = exchange.counterOf(artist);

        _refuseVoucher(
            voucher,
            abi.encodeWithSelector(ICollection.Collection_VoucherCounterMoved.selector, 0, counter)
        );
    }

    function test_RevertGiven_AccountHasTakenItsShare() external {
        Voucher memory voucher = _edition(3);
        voucher.maxPerRecipient = 1;
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        _redeem(voucher, artist, signature, 0);

        _refuseVoucher(
            voucher,
            artist,
            signature,
            1,
            PRICE,
            abi.encodeWithSelector(ICollection.Collection_VoucherRecipientLimit.selector, 1, 1)
        );
        vm.assertEq(collection.takenOf(collection.hashVoucher(voucher), buyer), 1);
    }

    function test_RevertGiven_MintedBefore() external {
        _mint(seller, LAZY);

        _refuseVoucher(_voucher(), _alreadyMinted());
    }

    function test_RevertGiven_BurnedBefore() external {
        _mint(seller, LAZY);
        vm.prank(seller);
        collection.burn(_idOf(artist, LAZY));

        _refuseVoucher(_voucher(), _alreadyMinted());
    }

    function test_RevertGiven_BalanceAtItsEnd() external {
        bytes32 slot = keccak256(abi.encodePacked(buyer, uint64(0x0a5a2e7a00000000)));
        vm.store(address(collection), slot, bytes32(uint256(type(uint32).max)));

        _refuseVoucher(_voucher(), abi.encodeWithSignature("AccountBalanceOverflow()"));
    }

    function test_WhenSignerAMinter() external {
        vm.prank(artist);
        collection.setMinter(minter, true);
        Voucher memory voucher = _voucher();
        uint256 before = artist.balance;

        _redeem(voucher, minter, _signVoucher(MINTER_KEY, voucher), 0);

        // It should mint in the name of the creator.
        vm.assertEq(works.ownerOf(voucher.tokenId), buyer);
        vm.assertEq(collection.creatorOf(voucher.tokenId), artist);
        vm.assertEq(artist.balance, before + PRICE - _feeOf(PRICE));
        vm.assertEq(minter.balance, 0);
    }

    function test_WhenRecipientNamed() external {
        Voucher memory voucher = _voucher();
        voucher.recipient = buyer;

        _redeem(voucher);

        // It should mint to the recipient.
        vm.assertEq(works.ownerOf(voucher.tokenId), buyer);
    }

    function test_WhenFeeAndRoyaltyAtTheirHighest() external {
        Voucher memory voucher = _voucher();
        voucher.maxFeeBps = 500;
        voucher.royaltyBps = 2500;

        _redeem(voucher);

        // It should take them.
        vm.assertEq(platform.balance, PRICE / 20);
        (, uint256 royalty) = collection.royaltyInfo(voucher.tokenId, 10_000);
        vm.assertEq(royalty, 2500);
    }

    function test_WhenPriceZero() external {
        Voucher memory voucher = _voucher();
        voucher.price = 0;
        uint256 before = artist.balance;

        _redeem(voucher);

        // It should mint and pay nobody.
        vm.assertEq(works.ownerOf(voucher.tokenId), buyer);
        vm.assertEq(artist.balance, before);
        vm.assertEq(platform.balance, 0);
    }

    function test_WhenNoFeeReceiverNamed() external {
        Voucher memory voucher = _voucher();
        voucher.feeReceiver = address(0);
        uint256 before = artist.balance;

        _redeem(voucher);

        // It should pay the creator the whole price.
        vm.assertEq(artist.balance, before + PRICE);
        vm.assertEq(address(collection).balance, 0);
    }

    function test_WhenDefaultRoyaltyAskedFor() external {
        vm.prank(artist);
        collection.setDefaultRoyalty(750, studio);
        Voucher memory voucher = _voucher();
        voucher.royaltyBps = type(uint16).max;

        _redeem(voucher);

        // It should copy the royalty of the creator.
        (address receiver, uint256 amount) = collection.royaltyInfo(voucher.tokenId, 10_000);
        vm.assertEq(receiver, studio);
        vm.assertEq(amount, 750);
    }

    function test_WhenCurrencyAToken() external {
        OddCoin coin = new OddCoin(OddCoin.Manner.Behaves);
        coin.mint(buyer, PRICE);
        vm.prank(buyer);
        coin.approve(address(collection), PRICE);
        Voucher memory voucher = _voucher();
        voucher.currency = address(coin);

        _redeem(voucher);

        // It should move fee and rest from the caller.
        vm.assertEq(coin.balanceOf(platform), _feeOf(PRICE));
        vm.assertEq(coin.balanceOf(artist), PRICE - _feeOf(PRICE));
        vm.assertEq(coin.balanceOf(buyer), 0);
        vm.assertEq(works.ownerOf(voucher.tokenId), buyer);
    }

    function test_GivenCreatorRefusesCoin() external {
        vm.etch(artist, address(new RefusingDelegate()).code);
        uint256 rest = PRICE - _feeOf(PRICE);
        bytes memory signature = _signVoucher(ARTIST_KEY, _voucher());

        vm.expectEmit(address(collection));
        emit ICredits.Credited(artist, address(0), rest);
        _redeem(_voucher(), artist, signature, 0);

        // It should keep the rest as credit of the creator.
        vm.assertEq(collection.credit(artist, address(0)), rest);
        vm.assertEq(address(collection).balance, rest);
        vm.assertEq(works.ownerOf(_idOf(artist, LAZY)), buyer);
    }

    function test_GivenFeeReceiverRefusesCoin() external {
        vm.etch(platform, address(new RefusingDelegate()).code);
        uint256 before = artist.balance;

        _redeem(_voucher());

        // It should keep the fee as credit of its receiver.
        vm.assertEq(collection.credit(platform, address(0)), _feeOf(PRICE));
        vm.assertEq(artist.balance, before + PRICE - _feeOf(PRICE));
    }

    function test_WhenTermsInOrder() external {
        Voucher memory voucher = _voucher();
        bytes32 voucherHash = collection.hashVoucher(voucher);
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        uint256 id = voucher.tokenId;
        uint256 fee = _feeOf(PRICE);
        uint256 before = artist.balance;

        // It should emit two {Transfer} then {Minted} then {VoucherFilled}.
        vm.expectEmit(address(collection));
        emit IERC721.Transfer(address(0), artist, id);
        vm.expectEmit(address(collection));
        emit IERC721.Transfer(artist, buyer, id);
        vm.expectEmit(address(collection));
        emit ICollection.Minted(id, DIGEST, ROYALTY_BPS, artist);
        vm.expectEmit(address(collection));
        emit ICollection.VoucherFilled(
            voucherHash, artist, buyer, id, address(0), PRICE, platform, fee
        );
        _redeem(voucher, artist, signature, 0);

        // It should write the whole word with one transfer counted.
        vm.assertEq(
            uint256(collection.ownershipWord(id)),
            uint160(buyer) | (uint256(ROYALTY_BPS) << 160) | (1 << 208)
        );
        vm.assertEq(collection.transferCount(id), 1);
        // It should keep the digest.
        vm.assertEq(collection.metadataDigest(id), DIGEST);
        // It should raise the balance of the caller alone.
        vm.assertEq(works.balanceOf(buyer), 1);
        vm.assertEq(works.balanceOf(artist), 0);
        // It should pay the fee and the creator.
        vm.assertEq(platform.balance, fee);
        vm.assertEq(artist.balance, before + PRICE - fee);
        vm.assertEq(address(collection).balance, 0);
    }

    function _refusePayment(Voucher memory voucher, uint256 sent, uint256 expected) private {
        _refuseVoucher(
            voucher,
            artist,
            _signVoucher(ARTIST_KEY, voucher),
            0,
            sent,
            abi.encodeWithSelector(ICollection.Collection_VoucherPayment.selector, expected, sent)
        );
    }

    function _alreadyMinted() private view returns (bytes memory) {
        return
            abi.encodeWithSelector(
                ICollection.Collection_AlreadyMinted.selector, _idOf(artist, LAZY)
            );
    }
}
