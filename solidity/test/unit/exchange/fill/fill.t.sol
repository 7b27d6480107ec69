// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../../../../src/interfaces/IExchange.sol";
import {Item, Order, TOKEN_OFFER} from "../../../../src/types/Orders.sol";
import {Base} from "../../../Base.t.sol";
import {RoyaltyToken} from "../../../doubles/Tokens.sol";
import {PurselessWallet} from "../../../doubles/Wallets.sol";
import {vm} from "../../../support/Vm.sol";

contract Fill_Unit_Test is Base {
    uint256 private constant ROYALTY = PRICE * ROYALTY_BPS / 10_000;
    uint256 private constant FEE = PRICE * FEE_BPS / 10_000;

    modifier whenOrderSettledHere() {
        _;
    }

    modifier whenTermsInOrder() {
        _;
    }

    function test_RevertWhen_KindNotListing() external {
        Order memory order = _listing();
        order.kind = TOKEN_OFFER;
        _refuse(order, abi.encodeWithSelector(IExchange.Exchange_KindUnsupported.selector, 1));
    }

    function test_RevertWhen_MoreWorksNamed() external {
        Order memory order = _listing();
        order.more = new Item[](1);
        _refuse(order, abi.encodeWithSelector(IExchange.Exchange_BundleUnsupported.selector));
    }

    function test_RevertWhen_CriteriaNotZero() external {
        Order memory order = _listing();
        order.criteria = DIGEST;
        _refuse(order, abi.encodeWithSelector(IExchange.Exchange_CriteriaUnsupported.selector));
    }

    function test_RevertWhen_MetadataDigestNotZero() external {
        Order memory order = _listing();
        order.metadataDigest = DIGEST;
        _refuse(
            order, abi.encodeWithSelector(IExchange.Exchange_MetadataDigestUnsupported.selector)
        );
    }

    function test_RevertWhen_CurrencyNotTheCoin() external {
        Order memory order = _listing();
        order.currency = address(foreign);
        _refuse(
            order,
            abi.encodeWithSelector(
                IExchange.Exchange_CurrencyUnsupported.selector, address(foreign)
            )
        );
    }

    function test_RevertWhen_PriceMoves() external {
        Order memory order = _listing();
        order.endPrice = PRICE - 1;
        _refuse(
            order,
            abi.encodeWithSelector(
                IExchange.Exchange_MovingPriceUnsupported.selector, PRICE, PRICE - 1
            )
        );
    }

    function test_RevertWhen_MakerZero() external whenOrderSettledHere {
        Order memory order = _listing();
        order.maker = address(0);
        _refuse(order, abi.encodeWithSelector(IExchange.Exchange_MakerZero.selector));
    }

    function test_RevertWhen_CallerIsMaker() external whenOrderSettledHere {
        Order memory order = _listing();
        bytes memory signature = _sign(SELLER_KEY, order);

        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IExchange.Exchange_MakerIsTaker.selector, seller));
        exchange.fill{value: PRICE}(order, signature);

        vm.assertFalse(exchange.isNonceUsed(seller, order.nonce));
    }

    function test_RevertWhen_CallerNotTaker() external whenOrderSettledHere {
        Order memory order = _listing();
        order.taker = studio;
        _refuse(
            order, abi.encodeWithSelector(IExchange.Exchange_TakerMismatch.selector, studio, buyer)
        );
    }

    function test_RevertWhen_PriceZero() external whenOrderSettledHere {
        Order memory order = _listing();
        order.price = order.endPrice = 0;
        _refuse(order, abi.encodeWithSelector(IExchange.Exchange_PriceZero.selector));
    }

    function test_RevertWhen_PaymentTooLow() external whenOrderSettledHere {
        Order memory order = _listing();
        _refuse(
            order,
            _sign(SELLER_KEY, order),
            PRICE - 1,
            abi.encodeWithSelector(IExchange.Exchange_WrongPayment.selector, PRICE, PRICE - 1)
        );
    }

    function test_RevertWhen_PaymentTooHigh() external whenOrderSettledHere {
        Order memory order = _listing();
        _refuse(
            order,
            _sign(SELLER_KEY, order),
            PRICE + 1,
            abi.encodeWithSelector(IExchange.Exchange_WrongPayment.selector, PRICE, PRICE + 1)
        );
    }

    function test_RevertWhen_NotStarted() external whenOrderSettledHere {
        Order memory order = _listing();
        order.start = uint64(NOW + 1);
        _refuse(
            order, abi.encodeWithSelector(IExchange.Exchange_OrderNotStarted.selector, NOW + 1, NOW)
        );
    }

    function test_RevertWhen_Expired() external whenOrderSettledHere {
        Order memory order = _listing();
        order.end = uint64(NOW - 1);
        _refuse(
            order, abi.encodeWithSelector(IExchange.Exchange_OrderExpired.selector, NOW - 1, NOW)
        );
    }

    function test_RevertWhen_UnboundForTooLong() external whenOrderSettledHere {
        foreign.mint(seller, 1);
        Order memory order = _foreignListing(address(foreign), 1);
        order.end = order.start + 60 days + 1;
        _refuse(
            order,
            abi.encodeWithSelector(
                IExchange.Exchange_UnboundOrderTooLong.selector, 60 days + 1, 60 days
            )
        );
    }

    function test_RevertGiven_SignatureOfAnother() external whenOrderSettledHere whenTermsInOrder {
        Order memory order = _listing();
        _refuse(
            order,
            _sign(FORGER_KEY, order),
            PRICE,
            abi.encodeWithSelector(
                IExchange.Exchange_SignatureInvalid.selector, exchange.hashOrder(order), seller
            )
        );
    }

    function test_RevertGiven_NonceUsed() external whenOrderSettledHere whenTermsInOrder {
        Order memory order = _listing();
        uint256[] memory nonces = new uint256[](1);
        nonces[0] = order.nonce;
        vm.prank(seller);
        exchange.cancel(nonces);

        _refuse(
            order,
            abi.encodeWithSelector(IExchange.Exchange_NonceUsed.selector, seller, order.nonce)
        );
    }

    function test_RevertGiven_CounterMoved() external whenOrderSettledHere whenTermsInOrder {
        Order memory order = _listing();
        vm.prank(seller);
        exchange.cancelAll();

        _refuse(
            order,
            abi.encodeWithSelector(
                IExchange.Exchange_CounterMoved.selector, 0, exchange.counterOf(seller)
            )
        );
    }

    function test_RevertGiven_FeeAboveMaximum() external whenOrderSettledHere whenTermsInOrder {
        Order memory order = _listing();
        order.maxFeeBps = FEE_BPS - 1;
        _refuse(
            order,
            abi.encodeWithSelector(
                IExchange.Exchange_FeeAboveMaximum.selector, FEE_BPS, FEE_BPS - 1
            )
        );
    }

    function test_RevertGiven_RoyaltyAboveMaximum() external whenOrderSettledHere whenTermsInOrder {
        Order memory order = _listing();
        order.maxRoyaltyBps = ROYALTY_BPS - 1;
        _refuse(
            order,
            abi.encodeWithSelector(
                IExchange.Exchange_RoyaltyAboveMaximum.selector,
                ROYALTY,
                PRICE * (ROYALTY_BPS - 1) / 10_000
            )
        );
    }

    function test_RevertGiven_RoyaltyAndFeeAbovePrice()
        external
        whenOrderSettledHere
        whenTermsInOrder
    {
        foreign.mint(seller, 1);
        foreign.setRoyalty(artist, 9801);
        Order memory order = _foreignListing(address(foreign), 1);
        order.maxRoyaltyBps = 10_000;
        _refuse(
            order,
            abi.encodeWithSelector(
                IExchange.Exchange_PriceExceeded.selector, PRICE * 9801 / 10_000, FEE, PRICE
            )
        );
    }

    function test_RevertGiven_TransferCountMoved() external whenOrderSettledHere whenTermsInOrder {
        Order memory order = _listing();
        vm.prank(seller);
        works.transferFrom(seller, studio, tokenId);
        vm.prank(studio);
        works.transferFrom(studio, seller, tokenId);

        _refuse(order, abi.encodeWithSelector(IExchange.Exchange_TransferCountMoved.selector, 0, 2));
        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_RevertGiven_MakerNotOwner() external whenOrderSettledHere whenTermsInOrder {
        Order memory order = _listing();
        vm.prank(seller);
        works.transferFrom(seller, studio, tokenId);
        order.transferCount = 1;

        _refuse(
            order, abi.encodeWithSelector(IExchange.Exchange_MakerNotOwner.selector, seller, studio)
        );
        vm.assertEq(works.ownerOf(tokenId), studio);
    }

    function test_RevertGiven_ApprovalRevoked() external whenOrderSettledHere whenTermsInOrder {
        vm.prank(seller);
        works.setApprovalForAll(address(exchange), false);

        _refuse(_listing(), abi.encodeWithSignature("NotOwnerNorApproved()"));
        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_RevertGiven_GasTooLowForTheRoyalty()
        external
        whenOrderSettledHere
        whenTermsInOrder
    {
        Order memory order = _listing();
        bytes memory signature = _sign(SELLER_KEY, order);

        vm.prank(buyer);
        (bool success, bytes memory reason) = address(exchange).call{value: PRICE, gas: 110_000}(
            abi.encodeCall(IExchange.fill, (order, signature))
        );

        vm.assertFalse(success);
        vm.assertEq(bytes32(bytes4(reason)), bytes32(IExchange.Exchange_GasTooLow.selector));
        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_GivenNoRoyaltyAnswer() external whenOrderSettledHere whenTermsInOrder {
        RoyaltyToken token = new RoyaltyToken();
        token.mint(seller, 1);
        token.set(RoyaltyToken.Answer.Reverts, artist, 1);
        vm.prank(seller);
        token.setApprovalForAll(address(exchange), true);
        Order memory order = _foreignListing(address(token), 1);
        bytes memory signature = _sign(SELLER_KEY, order);
        uint256 before = seller.balance;

        // It should flag the event.
        bytes32 orderHash = exchange.hashOrder(order);
        vm.prank(buyer);
        vm.expectEmit(address(exchange));
        emit IExchange.OrderFilled(
            orderHash, seller, buyer, address(token), 1, address(0), PRICE, address(0), 0, FEE, 1
        );
        exchange.fill{value: PRICE}(order, signature);

        // It should pay the seller all but the fee.
        vm.assertEq(seller.balance - before, PRICE - FEE);
    }

    function test_GivenSellerIsRoyaltyReceiver() external whenOrderSettledHere whenTermsInOrder {
        foreign.mint(seller, 1);
        foreign.setRoyalty(seller, ROYALTY_BPS);
        uint256 before = seller.balance;

        _buy(_foreignListing(address(foreign), 1));

        // It should pay the seller once.
        vm.assertEq(seller.balance - before, PRICE - FEE);
    }

    function test_GivenSellerRefusesCoin() external whenOrderSettledHere whenTermsInOrder {
        PurselessWallet wallet = new PurselessWallet();
        uint256 id = _mint(address(wallet), 2);
        wallet.approve(address(works), address(exchange));
        Order memory order = _listing();
        order.maker = address(wallet);
        order.tokenId = id;

        _buy(order, "");

        // It should deliver the work.
        vm.assertEq(works.ownerOf(id), buyer);
        // It should credit the seller.
        vm.assertEq(exchange.credit(address(wallet)), PRICE - FEE - ROYALTY);
        vm.assertEq(exchange.totalCredit(), PRICE - FEE - ROYALTY);
    }

    function test_GivenPrivateSale() external whenOrderSettledHere whenTermsInOrder {
        Order memory order = _listing();
        order.taker = buyer;

        _buy(order);

        // It should deliver the work to the taker.
        vm.assertEq(works.ownerOf(tokenId), buyer);
    }

    function test_GivenUnboundOrder() external whenOrderSettledHere whenTermsInOrder {
        foreign.mint(seller, 1);
        Order memory order = _foreignListing(address(foreign), 1);
        order.end = order.start + 60 days;

        _buy(order);

        // It should deliver the work.
        vm.assertEq(foreign.ownerOf(1), buyer);
    }

    function test_GivenBoundOrder() external whenOrderSettledHere whenTermsInOrder {
        Order memory order = _listing();
        bytes memory signature = _sign(SELLER_KEY, order);
        bytes32 orderHash = exchange.hashOrder(order);
        uint256 before = seller.balance;

        // It should emit {OrderFilled}.
        vm.prank(buyer);
        vm.expectEmit(address(exchange));
        emit IExchange.OrderFilled(
            orderHash,
            seller,
            buyer,
            address(collection),
            tokenId,
            address(0),
            PRICE,
            artist,
            ROYALTY,
            FEE,
            0
        );
        exchange.fill{value: PRICE}(order, signature);

        // It should deliver the work.
        vm.assertEq(works.ownerOf(tokenId), buyer);
        vm.assertEq(collection.transferCount(tokenId), 1);
        // It should pay artist and seller.
        vm.assertEq(artist.balance, ROYALTY);
        vm.assertEq(seller.balance - before, PRICE - ROYALTY - FEE);
        // It should keep the fee.
        vm.assertEq(exchange.fees(), FEE);
        // It should use the nonce.
        vm.assertTrue(exchange.isNonceUsed(seller, order.nonce));
    }
}
