// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollection} from "../../src/interfaces/ICollection.sol";
import {Order, Voucher} from "../../src/types/Orders.sol";
import {CollectionBase} from "../CollectionBase.t.sol";
import {
    GoodWallet,
    LyingWallet,
    PlainDelegate,
    RefusingDelegate,
    YesWallet
} from "../doubles/Wallets.sol";
import {PlainHash} from "../reference/PlainHash.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Signatures of vouchers: cases SIG-01 to SIG-08, SIG-10, SIG-11, SIG-14 and SIG-15.
contract VoucherSignatures_Cases is CollectionBase {
    uint256 private constant FIELDS = 15;

    function testFuzz_SIG01_AnyVoucherFieldChanged(uint256 field, uint256 bits) external {
        Voucher memory voucher = _voucher();
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        bytes32 before = keccak256(abi.encode(voucher));
        voucher = _changed(voucher, bound(field, 0, FIELDS - 1), bits);
        vm.assume(keccak256(abi.encode(voucher)) != before);

        vm.deal(buyer, voucher.price);
        vm.prank(buyer);
        (bool success,) = address(collection).call{value: voucher.price}(
            abi.encodeCall(ICollection.redeem, (voucher, artist, signature, 0))
        );

        vm.assertFalse(success);
        vm.assertEq(works.balanceOf(buyer), 0);
    }

    function test_SIG01_EveryVoucherFieldIsHashed() external view {
        bytes32 signed = collection.hashVoucher(_voucher());
        for (uint256 field = 0; field < FIELDS; ++field) {
            Voucher memory changed = _changed(_voucher(), field, 0x1234567);
            vm.assertNotEq(collection.hashVoucher(changed), signed);
        }
    }

    function testFuzz_SIG01_DirtyBitsAreRefused(uint256 field, uint256 bits) external {
        // Fields narrower than a word, by their place in calldata behind the selector.
        uint8[10] memory places = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        uint8[10] memory widths = [160, 16, 160, 160, 160, 16, 32, 32, 64, 64];
        uint256 which = bound(field, 0, 9);
        Voucher memory voucher = _voucher();
        bytes memory data = abi.encodeCall(
            ICollection.redeem, (voucher, artist, _signVoucher(ARTIST_KEY, voucher), 0)
        );
        uint256 dirt = bound(bits, 1, type(uint256).max >> widths[which]) << widths[which];
        uint256 place = 0x24 + 0x20 * uint256(places[which]);
        assembly ("memory-safe") {
            mstore(add(data, place), or(mload(add(data, place)), dirt))
        }

        vm.prank(buyer);
        (bool success,) = address(collection).call{value: PRICE}(data);

        vm.assertFalse(success);
    }

    function test_SIG02_VoucherOnAnotherChain() external {
        Voucher memory voucher = _voucher();
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);

        vm.chainId(block.chainid + 1);

        _refuseVoucher(voucher, artist, signature, _invalid(voucher, artist));
    }

    function test_SIG02_VoucherOfACloneOnAnotherChain() external {
        Voucher memory voucher = _voucher();
        bytes32 here = own.hashVoucher(voucher);

        vm.chainId(block.chainid + 1);

        vm.assertNotEq(own.hashVoucher(voucher), here);
        bytes32 domain = PlainHash.domain("Vernissage Collection", block.chainid, address(own));
        vm.assertEq(own.hashVoucher(voucher), PlainHash.digest(domain, PlainHash.hash(voucher)));
    }

    function test_SIG02_VoucherForAnotherDeployment() external {
        Voucher memory voucher = _voucher();
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        collection = ICollection(
            vm.deployCode(
                "Collection.sol:Collection",
                abi.encode("House", "HOUSE", bytes32(0), address(exchange))
            )
        );

        vm.prank(buyer);
        vm.expectRevert(_invalid(voucher, artist));
        collection.redeem{value: PRICE}(voucher, artist, signature, 0);
    }

    function test_SIG03_VoucherNonsense() external {
        Voucher memory voucher = _voucher();
        bytes memory good = _signVoucher(ARTIST_KEY, voucher);
        (bytes32 r, bytes32 s, uint8 v) = _parts(good);

        _refuseForm(voucher, abi.encodePacked(bytes32(0), bytes32(0), v));
        _refuseForm(voucher, abi.encodePacked(r, s, uint8(0)));
        _refuseForm(voucher, abi.encodePacked(r, s, uint8(1)));
        _refuseForm(voucher, abi.encodePacked(r, s, uint8(26)));
        _refuseForm(voucher, abi.encodePacked(r, s, uint8(29)));
        _refuseForm(voucher, "");
        _refuseForm(voucher, new bytes(63));
        _refuseForm(voucher, new bytes(64));
        _refuseForm(voucher, new bytes(65));
        _refuseForm(voucher, abi.encodePacked(good, uint8(0)));
        _refuseForm(voucher, new bytes(10_000));
    }

    function test_SIG03_VoucherOfNobody() external {
        // Works numbered below 2^96 name the address zero, which recovers from nonsense.
        Voucher memory voucher = _voucher();
        voucher.tokenId = 7;

        _refuseVoucher(voucher, address(0), new bytes(65), _invalid(voucher, address(0)));
    }

    function test_SIG04_VoucherWithHighS() external {
        Voucher memory voucher = _voucher();
        (bytes32 r, bytes32 s, uint8 v) = _parts(_signVoucher(ARTIST_KEY, voucher));

        _refuseForm(
            voucher, abi.encodePacked(r, SECP256K1_N - uint256(s), v == 27 ? uint8(28) : 27)
        );
    }

    function test_SIG05_VoucherInShortAndLongForm() external {
        Voucher memory voucher = _edition(2);
        bytes memory long = _signVoucher(ARTIST_KEY, voucher);
        bytes memory short = _compact(long);

        _redeem(voucher, artist, short, 0);
        // The other form of the signature is no second voucher.
        _refuseVoucher(
            voucher,
            artist,
            long,
            abi.encodeWithSelector(ICollection.Collection_AlreadyMinted.selector, voucher.tokenId)
        );
        _redeem(voucher, artist, long, 1);

        vm.assertEq(works.balanceOf(buyer), 2);
    }

    function test_SIG06_OrderIsNoVoucher() external {
        Voucher memory voucher = _voucher();
        Order memory order = _listing();
        order.maker = artist;

        _refuseForm(voucher, _sign(ARTIST_KEY, order));
        // The same fields under the domain of the exchange.
        bytes32 domain = PlainHash.domain("Vernissage Exchange", block.chainid, address(exchange));
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(ARTIST_KEY, PlainHash.digest(domain, PlainHash.hash(voucher)));
        _refuseForm(voucher, abi.encodePacked(r, s, v));
    }

    function test_SIG07_CreatorIsAGoodWallet() external {
        GoodWallet wallet = new GoodWallet(artist);
        Voucher memory voucher = _voucher();
        voucher.tokenId = _idOf(address(wallet), LAZY);

        _redeem(voucher, address(wallet), _signVoucher(ARTIST_KEY, voucher), 0);

        vm.assertEq(works.ownerOf(voucher.tokenId), buyer);
        vm.assertEq(address(wallet).balance, PRICE - _feeOf(PRICE));
    }

    function test_SIG07_MinterIsAGoodWallet() external {
        GoodWallet wallet = new GoodWallet(minter);
        vm.prank(artist);
        collection.setMinter(address(wallet), true);
        Voucher memory voucher = _voucher();

        _redeem(voucher, address(wallet), _signVoucher(MINTER_KEY, voucher), 0);

        vm.assertEq(works.ownerOf(voucher.tokenId), buyer);
    }

    function testFuzz_SIG07_LyingCreators(uint8 lie) external {
        LyingWallet.Lie which = LyingWallet.Lie(bound(lie, 0, uint8(type(LyingWallet.Lie).max)));
        LyingWallet wallet = new LyingWallet(which);
        Voucher memory voucher = _voucher();
        voucher.tokenId = _idOf(address(wallet), LAZY);

        _refuseVoucher(
            voucher,
            address(wallet),
            _signVoucher(ARTIST_KEY, voucher),
            _invalid(voucher, address(wallet))
        );
    }

    function test_SIG08_CreatorThatSaysYes() external {
        YesWallet wallet = new YesWallet();
        Voucher memory voucher = _voucher();

        // It speaks for its own works and for nobody else's.
        _refuseVoucher(
            voucher,
            address(wallet),
            "",
            abi.encodeWithSelector(
                ICollection.Collection_VoucherSigner.selector, artist, address(wallet)
            )
        );
        voucher.tokenId = _idOf(address(wallet), LAZY);
        _redeem(voucher, address(wallet), "", 0);
        vm.assertEq(works.ownerOf(voucher.tokenId), buyer);
    }

    function test_SIG10_TwoCreatorsOfOneKey() external {
        // The id names the creator and is signed: what one signed is no voucher of the other.
        GoodWallet first = new GoodWallet(artist);
        GoodWallet second = new GoodWallet(artist);
        Voucher memory voucher = _voucher();
        voucher.tokenId = _idOf(address(first), LAZY);
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        voucher.tokenId = _idOf(address(second), LAZY);

        _refuseVoucher(voucher, address(second), signature, _invalid(voucher, address(second)));
    }

    function test_SIG11_DelegatedCreator() external {
        Voucher memory voucher = _voucher();
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        uint256 before = artist.balance;
        vm.signAndAttachDelegation(address(new PlainDelegate()), ARTIST_KEY);

        _redeem(voucher, artist, signature, 0);

        vm.assertGt(artist.code.length, 0);
        vm.assertEq(artist.balance, before + PRICE - _feeOf(PRICE));
        vm.assertEq(collection.totalCredit(address(0)), 0);
    }

    function test_SIG11_DelegatedCreatorThatRefusesCoin() external {
        Voucher memory voucher = _voucher();
        bytes memory signature = _signVoucher(ARTIST_KEY, voucher);
        vm.signAndAttachDelegation(address(new RefusingDelegate()), ARTIST_KEY);

        _redeem(voucher, artist, signature, 0);

        vm.assertEq(works.ownerOf(voucher.tokenId), buyer);
        vm.assertEq(collection.credit(artist, address(0)), PRICE - _feeOf(PRICE));
    }

    function test_SIG14_VoucherUnderAnotherName() external {
        Voucher memory voucher = _voucher();
        bytes32 other = PlainHash.domain("Vernissage", block.chainid, address(collection));
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(ARTIST_KEY, PlainHash.digest(other, PlainHash.hash(voucher)));

        _refuseForm(voucher, abi.encodePacked(r, s, v));
    }

    function test_SIG15_CreatorNotDeployedYet() external {
        Voucher memory voucher = _voucher();
        voucher.tokenId = _idOf(address(0xdead), LAZY);
        // The wrapper of ERC-6492: factory, call, signature, and its mark at the end.
        bytes memory wrapped = abi.encodePacked(
            abi.encode(address(this), hex"", _signVoucher(ARTIST_KEY, voucher)),
            bytes32(0x6492649264926492649264926492649264926492649264926492649264926492)
        );

        _refuseVoucher(voucher, address(0xdead), wrapped, _invalid(voucher, address(0xdead)));
    }

    function _refuseForm(Voucher memory voucher, bytes memory signature) private {
        _refuseVoucher(voucher, artist, signature, _invalid(voucher, artist));
    }

    /// @dev The voucher with one field replaced by random bits, the others as they are.
    function _changed(Voucher memory voucher, uint256 field, uint256 bits)
        private
        pure
        returns (Voucher memory)
    {
        address who = address(uint160(bits));
        if (field == 0) voucher.tokenId = bits;
        if (field == 1) voucher.metadataDigest = bytes32(bits);
        if (field == 2) voucher.price = bits;
        if (field == 3) voucher.currency = who;
        if (field == 4) voucher.royaltyBps = uint16(bits);
        if (field == 5) voucher.royaltyReceiver = who;
        if (field == 6) voucher.recipient = who;
        if (field == 7) voucher.feeReceiver = who;
        if (field == 8) voucher.maxFeeBps = uint16(bits);
        if (field == 9) voucher.editionSize = uint32(bits);
        if (field == 10) voucher.maxPerRecipient = uint32(bits);
        if (field == 11) voucher.start = uint64(bits);
        if (field == 12) voucher.end = uint64(bits);
        if (field == 13) voucher.nonce = bits;
        if (field == 14) voucher.counter = bits;
        return voucher;
    }
}
