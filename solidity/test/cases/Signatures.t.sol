// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../../src/interfaces/IExchange.sol";
import {COLLECTION_OFFER, LISTING, Order, TOKEN_OFFER} from "../../src/types/Orders.sol";
import {Base} from "../Base.t.sol";
import {
    FickleWallet,
    GoodWallet,
    LyingWallet,
    PlainDelegate,
    RefusingDelegate,
    TwiceBuyer,
    YesWallet
} from "../doubles/Wallets.sol";
import {PlainHash} from "../reference/PlainHash.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Signatures and the identity of orders: cases SIG-01 to SIG-15.
contract Signatures_Cases is Base {
    function testFuzz_SIG01_AnyFieldChanged(uint256 field, uint256 bits) external {
        Order memory order = _listing();
        bytes memory signature = _sign(SELLER_KEY, order);
        bytes32 before = keccak256(abi.encode(order));
        Order memory changed = _changed(order, bound(field, 0, 16), bits);
        vm.assume(keccak256(abi.encode(changed)) != before);

        vm.deal(buyer, changed.price);
        vm.prank(buyer);
        (bool success,) = address(exchange).call{value: changed.price}(
            abi.encodeCall(IExchange.fill, (changed, signature))
        );

        vm.assertFalse(success);
        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_SIG01_EveryFieldIsHashed() external view {
        Order memory order = _listing();
        bytes32 signed = exchange.hashOrder(order);
        for (uint256 field = 0; field < 17; ++field) {
            Order memory changed = _changed(_listing(), field, 0x1234567);
            vm.assertNotEq(exchange.hashOrder(changed), signed);
        }
    }

    function test_SIG02_AnotherChain() external {
        Order memory order = _listing();
        bytes memory signature = _sign(SELLER_KEY, order);

        vm.chainId(block.chainid + 1);

        _refuse(order, signature, PRICE, _invalid(order));
    }

    function test_SIG02_AnotherDeployment() external {
        Order memory order = _listing();
        bytes memory signature = _sign(SELLER_KEY, order);
        exchange =
            IExchange(vm.deployCode("Exchange.sol:Exchange", abi.encode(owner, platform, FEE_BPS)));

        _refuse(order, signature, PRICE, _invalid(order));
    }

    function test_SIG03_Nonsense() external {
        Order memory order = _listing();
        bytes memory good = _sign(SELLER_KEY, order);
        (bytes32 r, bytes32 s, uint8 v) = _parts(good);

        _refuse(order, abi.encodePacked(bytes32(0), bytes32(0), v), PRICE, _invalid(order));
        _refuse(order, abi.encodePacked(r, s, uint8(0)), PRICE, _invalid(order));
        _refuse(order, abi.encodePacked(r, s, uint8(1)), PRICE, _invalid(order));
        _refuse(order, abi.encodePacked(r, s, uint8(26)), PRICE, _invalid(order));
        _refuse(order, abi.encodePacked(r, s, uint8(29)), PRICE, _invalid(order));
        _refuse(order, "", PRICE, _invalid(order));
        _refuse(order, new bytes(63), PRICE, _invalid(order));
        _refuse(order, new bytes(64), PRICE, _invalid(order));
        _refuse(order, new bytes(65), PRICE, _invalid(order));
        _refuse(order, abi.encodePacked(good, uint8(0)), PRICE, _invalid(order));
        _refuse(order, new bytes(10_000), PRICE, _invalid(order));
    }

    function test_SIG03_MakerZero() external {
        Order memory order = _listing();
        order.maker = address(0);
        bytes memory reason = abi.encodeWithSelector(IExchange.Exchange_MakerZero.selector);

        _refuse(order, new bytes(65), PRICE, reason);
    }

    function test_SIG04_HighS() external {
        Order memory order = _listing();
        (bytes32 r, bytes32 s, uint8 v) = _parts(_sign(SELLER_KEY, order));
        bytes memory twin = abi.encodePacked(r, SECP256K1_N - uint256(s), v == 27 ? uint8(28) : 27);

        _refuse(order, twin, PRICE, _invalid(order));
    }

    function test_SIG05_ShortAndLongForm() external {
        Order memory order = _listing();
        bytes memory long = _sign(SELLER_KEY, order);

        _buy(order, _compact(long));
        vm.assertEq(works.ownerOf(tokenId), buyer);

        _refuse(
            order,
            long,
            PRICE,
            abi.encodeWithSelector(IExchange.Exchange_NonceUsed.selector, seller, order.nonce)
        );
    }

    function test_SIG06_AnotherKind() external {
        Order memory offer = _listing();
        offer.kind = TOKEN_OFFER;
        bytes memory signature = _sign(SELLER_KEY, offer);

        // As signed it is not settled here; presented as a listing it was never signed.
        _refuse(
            offer,
            signature,
            PRICE,
            abi.encodeWithSelector(IExchange.Exchange_KindMismatch.selector, TOKEN_OFFER)
        );
        offer.kind = LISTING;
        _refuse(offer, signature, PRICE, _invalid(offer));
        offer.kind = COLLECTION_OFFER;
        _refuse(
            offer,
            signature,
            PRICE,
            abi.encodeWithSelector(IExchange.Exchange_KindMismatch.selector, COLLECTION_OFFER)
        );
    }

    function test_SIG07_GoodWallet() external {
        GoodWallet wallet = new GoodWallet(seller);
        Order memory order = _listingOf(address(wallet));
        wallet.approve(address(works), address(exchange));

        _buy(order);

        vm.assertEq(works.ownerOf(order.tokenId), buyer);
    }

    function testFuzz_SIG07_LyingWallets(uint8 lie) external {
        LyingWallet.Lie which = LyingWallet.Lie(bound(lie, 0, uint8(type(LyingWallet.Lie).max)));
        LyingWallet wallet = new LyingWallet(which);
        Order memory order = _listingOf(address(wallet));
        wallet.approve(address(works), address(exchange));

        _refuse(order, _sign(SELLER_KEY, order), PRICE, _invalid(order));

        vm.assertEq(works.ownerOf(order.tokenId), address(wallet));
    }

    function test_SIG08_WalletThatSaysYes() external {
        YesWallet wallet = new YesWallet();
        Order memory order = _listingOf(address(wallet));
        wallet.approve(address(works), address(exchange));
        uint256 before = seller.balance;

        // Anybody sells its work for it, at any price, and it alone is hurt.
        order.price = order.endPrice = 1;
        _buy(order, "");
        vm.assertEq(works.ownerOf(order.tokenId), buyer);

        // It cannot say yes for another's work.
        Order memory other = _listing();
        other.maker = address(wallet);
        other.nonce = 8;
        _refuse(other, "", PRICE, abi.encodeWithSignature("TransferFromIncorrectOwner()"));
        vm.assertEq(seller.balance, before);
    }

    function test_SIG09_WalletThatChangesItsMind() external {
        FickleWallet wallet = new FickleWallet(address(exchange));
        wallet.approve(address(works), address(exchange));
        Order memory first = _listingOf(address(wallet));
        first.nonce = 1;
        Order memory second = _listing();
        second.maker = address(wallet);
        second.tokenId = _mint(address(wallet), 3);
        TwiceBuyer twice = new TwiceBuyer();

        vm.prank(buyer);
        vm.expectRevert(_invalid(second));
        twice.buy{value: 2 * PRICE}(exchange, first, "", second, "");

        vm.assertFalse(exchange.isNonceUsed(address(wallet), 1));
    }

    function test_SIG10_TwoWalletsOfOneKey() external {
        GoodWallet first = new GoodWallet(seller);
        GoodWallet second = new GoodWallet(seller);
        second.approve(address(works), address(exchange));
        Order memory order = _listingOf(address(first));
        bytes memory signature = _sign(SELLER_KEY, order);
        order.maker = address(second);

        _refuse(order, signature, PRICE, _invalid(order));
    }

    function test_SIG11_DelegatedAccount() external {
        Order memory order = _listing();
        bytes memory signature = _sign(SELLER_KEY, order);
        uint256 before = seller.balance;
        vm.signAndAttachDelegation(address(new PlainDelegate()), SELLER_KEY);

        _buy(order, signature);

        vm.assertGt(seller.code.length, 0);
        vm.assertEq(works.ownerOf(tokenId), buyer);
        vm.assertGt(seller.balance, before);
        vm.assertEq(exchange.totalCredit(address(0)), 0);
    }

    function test_SIG11_DelegatedAccountThatRefusesCoin() external {
        Order memory order = _listing();
        bytes memory signature = _sign(SELLER_KEY, order);
        vm.signAndAttachDelegation(address(new RefusingDelegate()), SELLER_KEY);

        _buy(order, signature);

        vm.assertEq(works.ownerOf(tokenId), buyer);
        vm.assertEq(
            exchange.credit(seller, address(0)), PRICE - PRICE * (ROYALTY_BPS + FEE_BPS) / 10_000
        );
    }

    function test_SIG14_AnotherName() external {
        Order memory order = _listing();
        bytes32 other = PlainHash.domain("Vernissage", block.chainid, address(exchange));
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(SELLER_KEY, PlainHash.digest(other, PlainHash.hash(order)));

        _refuse(order, abi.encodePacked(r, s, v), PRICE, _invalid(order));
    }

    function test_SIG15_WalletNotDeployedYet() external {
        Order memory order = _listing();
        order.maker = address(0xdead);
        // The wrapper of ERC-6492: factory, call, signature, and its mark at the end.
        bytes memory wrapped = abi.encodePacked(
            abi.encode(address(this), hex"", _sign(SELLER_KEY, order)),
            bytes32(0x6492649264926492649264926492649264926492649264926492649264926492)
        );

        _refuse(order, wrapped, PRICE, _invalid(order));
    }

    function _listingOf(address wallet) private returns (Order memory order) {
        order = _listing();
        order.maker = wallet;
        order.tokenId = _mint(wallet, 2);
    }

    function _invalid(Order memory order) private view returns (bytes memory) {
        return abi.encodeWithSelector(
            IExchange.Exchange_SignatureInvalid.selector, exchange.hashOrder(order), order.maker
        );
    }

    /// @dev The order with one field mixed with random bits, the others as they are.
    function _changed(Order memory order, uint256 field, uint256 bits)
        private
        pure
        returns (Order memory)
    {
        address who = address(uint160(bits));
        if (field == 0) order.kind = uint8(bits);
        if (field == 1) order.maker = who;
        if (field == 2) order.taker = who;
        if (field == 3) order.collection = who;
        if (field == 4) order.tokenId = bits;
        if (field == 5) order.transferCount = bits;
        if (field == 6) order.criteria = bytes32(bits);
        if (field == 7) order.metadataDigest = bytes32(bits);
        if (field == 8) order.currency = who;
        if (field == 9) order.price = bits;
        if (field == 10) order.endPrice = bits;
        if (field == 11) order.start = uint64(bits);
        if (field == 12) order.end = uint64(bits);
        if (field == 13) order.maxRoyaltyBps = uint16(bits);
        if (field == 14) order.maxFeeBps = uint16(bits);
        if (field == 15) order.nonce = bits;
        if (field == 16) order.counter = bits;
        return order;
    }
}
