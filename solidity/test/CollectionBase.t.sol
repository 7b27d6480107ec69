// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollection} from "../src/interfaces/ICollection.sol";
import {ICollectionFactory} from "../src/interfaces/ICollectionFactory.sol";
import {Voucher} from "../src/types/Orders.sol";
import {Base} from "./Base.t.sol";
import {vm} from "./support/Vm.sol";

/// @notice An artist with a key and an own collection, a minter, and a voucher with defaults.
abstract contract CollectionBase is Base {
    uint256 internal constant ARTIST_KEY = 0xa27157;
    uint256 internal constant MINTER_KEY = 0x317e2;
    uint96 internal constant LAZY = 100;

    address internal minter = vm.addr(MINTER_KEY);

    ICollectionFactory internal factory;

    /// @dev The artist's own collection, a clone.
    ICollection internal own;

    function setUp() public virtual override {
        artist = vm.addr(ARTIST_KEY);
        super.setUp();
        vm.label(artist, "artist");
        vm.label(minter, "minter");
        factory = ICollectionFactory(
            vm.deployCode("CollectionFactory.sol:CollectionFactory", abi.encode(collection))
        );
        vm.prank(artist);
        own = ICollection(factory.create("Studio", "STUDIO", DIGEST, 0));
    }

    /// @dev One work of the artist for anyone, in the chain's coin.
    function _voucher() internal view returns (Voucher memory voucher) {
        voucher.tokenId = _idOf(artist, LAZY);
        voucher.metadataDigest = DIGEST;
        voucher.price = PRICE;
        voucher.royaltyBps = ROYALTY_BPS;
        voucher.feeReceiver = platform;
        voucher.maxFeeBps = FEE_BPS;
        voucher.editionSize = 1;
        voucher.start = uint64(NOW - 1 days);
        voucher.end = uint64(NOW + 30 days);
        voucher.nonce = 7;
        voucher.counter = exchange.counterOf(artist);
    }

    function _edition(uint32 size) internal view returns (Voucher memory voucher) {
        voucher = _voucher();
        voucher.editionSize = size;
    }

    function _signVoucher(uint256 key, Voucher memory voucher)
        internal
        view
        returns (bytes memory)
    {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, collection.hashVoucher(voucher));
        return abi.encodePacked(r, s, v);
    }

    /// @dev The buyer takes the first work of a voucher that the artist signed.
    function _redeem(Voucher memory voucher) internal {
        _redeem(voucher, artist, _signVoucher(ARTIST_KEY, voucher), 0);
    }

    function _redeem(Voucher memory voucher, address signer, bytes memory signature, uint32 n)
        internal
    {
        uint256 value = voucher.currency == address(0) ? voucher.price : 0;
        vm.prank(buyer);
        collection.redeem{value: value}(voucher, signer, signature, n);
    }

    /// @dev The sale must be refused with exactly this error, and leave everything as it was.
    function _refuseVoucher(Voucher memory voucher, bytes memory reason) internal {
        _refuseVoucher(voucher, artist, _signVoucher(ARTIST_KEY, voucher), reason);
    }

    function _refuseVoucher(
        Voucher memory voucher,
        address signer,
        bytes memory signature,
        bytes memory reason
    ) internal {
        uint256 value = voucher.currency == address(0) ? voucher.price : 0;
        _refuseVoucher(voucher, signer, signature, 0, value, reason);
    }

    function _refuseVoucher(
        Voucher memory voucher,
        address signer,
        bytes memory signature,
        uint32 n,
        uint256 value,
        bytes memory reason
    ) internal {
        uint256 coin = buyer.balance;
        uint256 held = works.balanceOf(buyer);
        bytes32 word = _wordOf(voucher, n);

        vm.prank(buyer);
        vm.expectRevert(reason);
        collection.redeem{value: value}(voucher, signer, signature, n);

        vm.assertEq(buyer.balance, coin, "the buyer's coin stays");
        vm.assertEq(works.balanceOf(buyer), held, "no work comes");
        vm.assertEq(_wordOf(voucher, n), word, "the word stays");
        vm.assertEq(address(collection).balance, collection.totalCredit(address(0)));
    }

    function _invalid(Voucher memory voucher, address signer) internal view returns (bytes memory) {
        return abi.encodeWithSelector(
            ICollection.Collection_VoucherSignatureInvalid.selector,
            collection.hashVoucher(voucher),
            signer
        );
    }

    function _feeOf(uint256 price) internal pure returns (uint256) {
        return price * FEE_BPS / 10_000;
    }

    function _wordOf(Voucher memory voucher, uint32 n) private view returns (bytes32) {
        unchecked {
            return collection.ownershipWord(voucher.tokenId + n);
        }
    }
}
