// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ICollection} from "../../src/interfaces/ICollection.sol";
import {ICredits} from "../../src/interfaces/ICredits.sol";
import {Voucher} from "../../src/types/Orders.sol";
import {CollectionBase} from "../CollectionBase.t.sol";
import {Receiver, Reenterer} from "../doubles/Receivers.sol";
import {vm} from "../support/Vm.sol";

/// @notice Works sold by voucher: cases MNT-01 to MNT-04, and what ends a voucher.
contract Vouchers_Cases is CollectionBase {
    function test_MNT01_Replay() external {
        Voucher memory voucher = _voucher();
        _redeem(voucher);

        _refuseVoucher(voucher, _alreadyMinted(voucher.tokenId));

        vm.prank(buyer);
        works.transferFrom(buyer, artist, voucher.tokenId);
        _refuseVoucher(voucher, _alreadyMinted(voucher.tokenId));
    }

    function test_MNT01_AnotherCollection() external {
        Voucher memory voucher = _voucher();
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);

        vm.prank(buyer);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICollection.Collection_VoucherSignatureInvalid.selector,
                own.hashVoucher(voucher),
                artist
            )
        );
        own.redeem{value: PRICE}(voucher, artist, signature, 0);
    }

    function test_MNT01_AnotherMinter() external {
        // A minter of another creator, and a creator who is not this one.
        vm.prank(seller);
        collection.setMinter(minter, true);
        Voucher memory voucher = _voucher();

        _refuseVoucher(
            voucher,
            minter,
            _signVoucher(MINTER_KEY, voucher),
            abi.encodeWithSelector(ICollection.Collection_VoucherSigner.selector, artist, minter)
        );
        _refuseVoucher(
            voucher,
            seller,
            _signVoucher(SELLER_KEY, voucher),
            abi.encodeWithSelector(ICollection.Collection_VoucherSigner.selector, artist, seller)
        );
    }

    function test_MNT01_FirstAndLastSecond() external {
        Voucher memory voucher = _edition(2);
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        vm.warp(voucher.start);
        _redeem(voucher, artist, signature, 0);

        vm.warp(voucher.end);
        _redeem(voucher, artist, signature, 1);

        vm.assertEq(works.balanceOf(buyer), 2);
    }

    function test_MNT01_ChangedTerms() external {
        bytes memory signature = _signVoucher(ARTIST_KEY, _voucher());

        Voucher memory voucher = _voucher();
        voucher.price = 1;
        _refuseVoucher(voucher, artist, signature, _invalid(voucher, artist));
        voucher = _voucher();
        voucher.metadataDigest = bytes32(uint256(1));
        _refuseVoucher(voucher, artist, signature, _invalid(voucher, artist));
        voucher = _voucher();
        voucher.recipient = buyer;
        _refuseVoucher(voucher, artist, signature, _invalid(voucher, artist));
    }

    function test_MNT01_EachNumberOnce() external {
        Voucher memory voucher = _edition(3);
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);

        _redeem(voucher, artist, signature, 1);
        _redeem(voucher, artist, signature, 0);

        _refuseVoucher(voucher, artist, signature, 1, PRICE, _alreadyMinted(voucher.tokenId + 1));
        _redeem(voucher, artist, signature, 2);
        vm.assertEq(works.balanceOf(buyer), 3);
        vm.assertEq(works.ownerOf(voucher.tokenId + 2), buyer);
    }

    function test_MNT01_TwoVouchersOfOneWork() external {
        Voucher memory dear = _voucher();
        dear.price = 2 * PRICE;
        dear.nonce = 8;
        _redeem(_voucher());

        _refuseVoucher(dear, _alreadyMinted(dear.tokenId));
    }

    function test_MNT02_SupplyEndsAtTheEdition() external {
        Voucher memory voucher = _edition(2);
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        _redeem(voucher, artist, signature, 0);
        _redeem(voucher, artist, signature, 1);

        _refuseVoucher(
            voucher,
            artist,
            signature,
            2,
            PRICE,
            abi.encodeWithSelector(ICollection.Collection_VoucherEditionExceeded.selector, 2, 2)
        );
        _refuseVoucher(
            voucher,
            artist,
            signature,
            type(uint32).max,
            PRICE,
            abi.encodeWithSelector(
                ICollection.Collection_VoucherEditionExceeded.selector, type(uint32).max, 2
            )
        );
    }

    function test_MNT02_ShareOfOneAccountCountsWhatItGaveAway() external {
        Voucher memory voucher = _edition(3);
        voucher.maxPerRecipient = 1;
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        _redeem(voucher, artist, signature, 0);
        vm.prank(buyer);
        works.transferFrom(buyer, studio, voucher.tokenId);

        _refuseVoucher(
            voucher,
            artist,
            signature,
            1,
            PRICE,
            abi.encodeWithSelector(ICollection.Collection_VoucherRecipientLimit.selector, 1, 1)
        );
    }

    function test_MNT02_ShareOfOneAccountUnderReentry() external {
        // The buyer is paid the fee and asks for a second work in the middle of the first.
        Reenterer greedy = new Reenterer();
        vm.deal(address(greedy), 10 * PRICE);
        Voucher memory voucher = _edition(3);
        voucher.maxPerRecipient = 1;
        voucher.feeReceiver = address(greedy);
        voucher.price = 0.5 ether;
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        greedy.arm(
            address(collection), abi.encodeCall(ICollection.redeem, (voucher, artist, signature, 1))
        );

        greedy.act{value: 0.5 ether}(
            address(collection), abi.encodeCall(ICollection.redeem, (voucher, artist, signature, 0))
        );

        vm.assertEq(greedy.calls(), 1);
        vm.assertFalse(greedy.succeeded());
        vm.assertEq(
            greedy.answer(),
            abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );
        vm.assertEq(works.balanceOf(address(greedy)), 1);
        vm.assertEq(collection.takenOf(collection.hashVoucher(voucher), address(greedy)), 1);
    }

    function test_MNT02_BuyerIsNotCalledForTheWork() external {
        Reenterer greedy = new Reenterer();
        greedy.arm(address(collection), abi.encodeCall(ICollection.freezeAll, ()));
        Voucher memory voucher = _voucher();

        greedy.act{value: PRICE}(
            address(collection),
            abi.encodeCall(
                ICollection.redeem, (voucher, artist, _signVoucher(ARTIST_KEY, voucher), 0)
            )
        );

        vm.assertEq(greedy.calls(), 0);
        vm.assertEq(works.ownerOf(voucher.tokenId), address(greedy));
    }

    function test_MNT02_MintingFromAPayoutIsSound() external {
        // The creator mints the next number in the middle of the sale of this one.
        Reenterer creator = new Reenterer();
        uint256 next = _idOf(address(creator), LAZY + 1);
        creator.arm(
            address(collection),
            abi.encodeCall(ICollection.mint, (buyer, next, DIGEST, 0, address(0)))
        );
        creator.act(address(collection), abi.encodeCall(ICollection.setMinter, (minter, true)));
        Voucher memory voucher = _voucher();
        voucher.tokenId = _idOf(address(creator), LAZY);

        _redeem(voucher, minter, _signVoucher(MINTER_KEY, voucher), 0);

        vm.assertTrue(creator.succeeded());
        vm.assertEq(works.balanceOf(buyer), 2);
        vm.assertEq(works.ownerOf(voucher.tokenId), buyer);
        vm.assertEq(works.ownerOf(next), buyer);
    }

    function test_MNT03_RefusedPayoutIsDrawnLater() external {
        Receiver creator = new Receiver(Receiver.Manner.Reverts);
        creator.act(address(collection), abi.encodeCall(ICollection.setMinter, (minter, true)));
        Voucher memory voucher = _voucher();
        voucher.tokenId = _idOf(address(creator), LAZY);
        uint256 rest = PRICE - _feeOf(PRICE);

        _redeem(voucher, minter, _signVoucher(MINTER_KEY, voucher), 0);
        vm.assertEq(works.ownerOf(voucher.tokenId), buyer);
        vm.assertEq(collection.credit(address(creator), COIN), rest);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICredits.Credits_WithdrawalRefused.selector, address(creator), COIN
            )
        );
        collection.withdrawFor(address(creator), COIN);

        creator.become(Receiver.Manner.Accepts);
        vm.prank(forger);
        collection.withdrawFor(address(creator), COIN);
        vm.assertEq(address(creator).balance, rest);
        vm.assertEq(collection.totalCredit(COIN), 0);
        vm.assertEq(address(collection).balance, 0);
    }

    function test_MNT03_StarvedPayoutIsNoRefusal() external {
        Voucher memory voucher = _voucher();
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        uint256 before = artist.balance;
        uint256 sold;
        for (uint256 gas = 60_000; gas < 420_000; gas += 3000) {
            uint256 state = vm.snapshotState();
            vm.prank(buyer);
            (bool success,) = address(collection).call{value: PRICE, gas: gas}(
                abi.encodeCall(ICollection.redeem, (voucher, artist, signature, 0))
            );
            if (success) {
                ++sold;
                vm.assertEq(collection.totalCredit(COIN), 0);
                vm.assertEq(artist.balance, before + PRICE - _feeOf(PRICE));
            }
            vm.revertToState(state);
        }
        vm.assertGt(sold, 10);
    }

    function test_MNT04_VoucherBringsNoBurnedWorkBack() external {
        Voucher memory voucher = _edition(2);
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        _redeem(voucher, artist, signature, 0);
        vm.prank(buyer);
        collection.burn(voucher.tokenId);

        _refuseVoucher(voucher, artist, signature, _alreadyMinted(voucher.tokenId));

        vm.assertEq(uint256(collection.ownershipWord(voucher.tokenId)), 2 << 208);
    }

    function test_VoucherOfARevokedMinter() external {
        vm.startPrank(artist);
        collection.setMinter(minter, true);
        collection.setMinter(minter, false);
        vm.stopPrank();
        Voucher memory voucher = _voucher();

        _refuseVoucher(
            voucher,
            minter,
            _signVoucher(MINTER_KEY, voucher),
            abi.encodeWithSelector(ICollection.Collection_VoucherSigner.selector, artist, minter)
        );
    }

    function test_VoucherSignedBeforeTheMinterWasNamed() external {
        // Who may mint now counts, not who might when it was signed.
        Voucher memory voucher = _voucher();
        bytes memory signature = _signVoucher(MINTER_KEY, voucher);
        vm.prank(artist);
        collection.setMinter(minter, true);

        _redeem(voucher, minter, signature, 0);

        vm.assertEq(works.ownerOf(voucher.tokenId), buyer);
    }

    function test_CancelOfTheSignerCounts() external {
        vm.prank(artist);
        collection.setMinter(minter, true);
        Voucher memory voucher = _voucher();
        bytes memory signature = _signVoucher(MINTER_KEY, voucher);
        uint256[] memory nonces = new uint256[](1);
        nonces[0] = voucher.nonce;

        vm.prank(artist);
        exchange.cancel(nonces);
        uint256 state = vm.snapshotState();
        _redeem(voucher, minter, signature, 0);
        vm.assertTrue(vm.revertToState(state));

        vm.prank(minter);
        exchange.cancel(nonces);
        _refuseVoucher(
            voucher,
            minter,
            signature,
            abi.encodeWithSelector(
                ICollection.Collection_VoucherNonceUsed.selector, minter, voucher.nonce
            )
        );
    }

    function test_CancelAllReachesEveryCollection() external {
        Voucher memory voucher = _voucher();
        bytes memory here = _signVoucher(ARTIST_KEY, voucher);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ARTIST_KEY, own.hashVoucher(voucher));
        vm.prank(artist);
        exchange.cancelAll();
        bytes memory reason = abi.encodeWithSelector(
            ICollection.Collection_VoucherCounterMoved.selector, 0, exchange.counterOf(artist)
        );

        _refuseVoucher(voucher, artist, here, reason);
        vm.prank(buyer);
        vm.expectRevert(reason);
        own.redeem{value: PRICE}(voucher, artist, abi.encodePacked(r, s, v), 0);
    }

    function test_VoucherForTheNextCounterStaysDead() external {
        Voucher memory voucher = _voucher();
        voucher.counter = 1;
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        vm.setBlockhash(block.number - 1, bytes32(uint256(0x7)));
        vm.prank(artist);
        exchange.cancelAll();

        _refuseVoucher(
            voucher,
            artist,
            signature,
            abi.encodeWithSelector(
                ICollection.Collection_VoucherCounterMoved.selector, 1, exchange.counterOf(artist)
            )
        );
        vm.assertGt(exchange.counterOf(artist), 1);
    }

    function test_ProvenanceBeginsWithTheArtist() external {
        Voucher memory voucher = _voucher();
        _redeem(voucher);

        // One more transfer by the buyer makes two: what was signed for count 1 is bound to it.
        vm.prank(buyer);
        works.transferFrom(buyer, studio, voucher.tokenId);
        (address holder, uint256 count) = collection.ownerAndCount(voucher.tokenId);
        vm.assertEq(holder, studio);
        vm.assertEq(count, 2);

        // Its royalty may only fall: it has moved.
        vm.prank(artist);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICollection.Collection_RoyaltyMayOnlyFall.selector,
                voucher.tokenId,
                ROYALTY_BPS + 1,
                ROYALTY_BPS
            )
        );
        collection.setRoyalty(voucher.tokenId, ROYALTY_BPS + 1);
    }

    function testFuzz_PaymentIsWhole(uint128 price, uint16 feeBps) external {
        Voucher memory voucher = _voucher();
        voucher.price = price;
        voucher.maxFeeBps = uint16(feeBps % 501);
        uint256 before = artist.balance;
        vm.deal(buyer, price);

        _redeem(voucher);

        uint256 fee = uint256(price) * voucher.maxFeeBps / 10_000;
        vm.assertEq(platform.balance, fee);
        vm.assertEq(artist.balance - before, price - fee);
        vm.assertEq(buyer.balance, 0);
        vm.assertEq(address(collection).balance, 0);
    }

    address private constant COIN = address(0);

    function _alreadyMinted(uint256 id) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICollection.Collection_AlreadyMinted.selector, id);
    }
}
