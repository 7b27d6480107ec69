// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICredits} from "../../../../src/interfaces/ICredits.sol";
import {IExchange} from "../../../../src/interfaces/IExchange.sol";
import {IGoverned} from "../../../../src/interfaces/IGoverned.sol";
import {Order, TOKEN_OFFER, UNBOUND} from "../../../../src/types/Orders.sol";
import {ExchangeBase} from "../../../ExchangeBase.t.sol";
import {Receiver} from "../../../doubles/Receivers.sol";
import {RoyaltyToken} from "../../../doubles/Tokens.sol";
import {PurselessWallet} from "../../../doubles/Wallets.sol";
import {vm} from "../../../support/Vm.sol";

contract Fill_Unit_Test is ExchangeBase {
    modifier givenExchangeOpen() {
        _;
    }

    modifier whenOrderIsAListing() {
        _;
    }

    modifier whenTermsInOrder() {
        _;
    }

    function test_RevertGiven_Paused() external {
        vm.prank(guardian);
        exchange.pause();
        _refuse(
            _listing(), abi.encodeWithSelector(IGoverned.Governed_Paused.selector, NOW + 7 days)
        );
    }

    function test_RevertGiven_Retired() external {
        vm.prank(owner);
        exchange.retire();
        _refuse(_listing(), abi.encodeWithSelector(IGoverned.Governed_Retired.selector));
    }

    function test_RevertWhen_KindNotListing() external givenExchangeOpen {
        Order memory order = _listing();
        order.kind = TOKEN_OFFER;
        _refuse(order, _reason(IExchange.Exchange_KindMismatch.selector, 1));
    }

    function test_RevertWhen_CriteriaNotZero() external givenExchangeOpen {
        Order memory order = _listing();
        order.criteria = DIGEST;
        _refuse(order, _reason(IExchange.Exchange_CriteriaMismatch.selector, uint256(DIGEST)));
    }

    function test_RevertWhen_MetadataDigestNotZero() external givenExchangeOpen {
        Order memory order = _listing();
        order.metadataDigest = DIGEST;
        _refuse(
            order, abi.encodeWithSelector(IExchange.Exchange_MetadataMismatch.selector, DIGEST, 0)
        );
    }

    function test_RevertWhen_PriceRises() external givenExchangeOpen {
        Order memory order = _listing();
        order.endPrice = PRICE + 1;
        _refuse(
            order, abi.encodeWithSelector(IExchange.Exchange_PriceRises.selector, PRICE, PRICE + 1)
        );
    }

    function test_RevertWhen_PriceFallsToZero() external givenExchangeOpen {
        Order memory order = _listing();
        order.endPrice = 0;
        _refuse(order, abi.encodeWithSelector(IExchange.Exchange_PriceZero.selector));
    }

    function test_RevertWhen_MakerZero() external givenExchangeOpen whenOrderIsAListing {
        Order memory order = _listing();
        order.maker = address(0);
        _refuse(order, abi.encodeWithSelector(IExchange.Exchange_MakerZero.selector));
    }

    function test_RevertWhen_CallerIsMaker() external givenExchangeOpen whenOrderIsAListing {
        Order memory order = _listing();
        bytes memory signature = _sign(SELLER_KEY, order);

        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IExchange.Exchange_MakerIsTaker.selector, seller));
        exchange.fill{value: PRICE}(order, signature);

        vm.assertFalse(exchange.isNonceUsed(seller, order.nonce));
    }

    function test_RevertWhen_CallerNotTaker() external givenExchangeOpen whenOrderIsAListing {
        Order memory order = _listing();
        order.taker = studio;
        _refuse(
            order, abi.encodeWithSelector(IExchange.Exchange_TakerMismatch.selector, studio, buyer)
        );
    }

    function test_RevertWhen_PriceZero() external givenExchangeOpen whenOrderIsAListing {
        Order memory order = _listing();
        order.price = order.endPrice = 0;
        _refuse(order, abi.encodeWithSelector(IExchange.Exchange_PriceZero.selector));
    }

    function test_RevertWhen_PaymentTooLow() external givenExchangeOpen whenOrderIsAListing {
        Order memory order = _listing();
        _refuse(
            order,
            _sign(SELLER_KEY, order),
            PRICE - 1,
            abi.encodeWithSelector(IExchange.Exchange_WrongPayment.selector, PRICE, PRICE - 1)
        );
    }

    function test_RevertWhen_PaymentTooHigh() external givenExchangeOpen whenOrderIsAListing {
        Order memory order = _listing();
        _refuse(
            order,
            _sign(SELLER_KEY, order),
            PRICE + 1,
            abi.encodeWithSelector(IExchange.Exchange_WrongPayment.selector, PRICE, PRICE + 1)
        );
    }

    function test_RevertWhen_PriceAbove128Bits() external givenExchangeOpen whenOrderIsAListing {
        Order memory order = _wrappedListing();
        order.price = order.endPrice = 1 << 128;
        _refuse(
            order,
            _sign(SELLER_KEY, order),
            0,
            abi.encodeWithSelector(
                IExchange.Exchange_PriceTooHigh.selector, 1 << 128, type(uint128).max
            )
        );
    }

    function test_RevertWhen_CoinSentToAnOrderInACurrency()
        external
        givenExchangeOpen
        whenOrderIsAListing
    {
        Order memory order = _wrappedListing();
        _refuse(
            order,
            _sign(SELLER_KEY, order),
            1,
            abi.encodeWithSelector(IExchange.Exchange_WrongPayment.selector, 0, 1)
        );
    }

    function test_RevertWhen_CurrencyNotAllowed() external givenExchangeOpen whenOrderIsAListing {
        Order memory order = _listing();
        order.currency = address(foreign);
        _refuse(
            order,
            _sign(SELLER_KEY, order),
            0,
            _reason(IExchange.Exchange_CurrencyUnsupported.selector, uint160(address(foreign)))
        );
    }

    function test_RevertWhen_FallingPaymentTooLow() external givenExchangeOpen whenOrderIsAListing {
        Order memory order = _fallingListing();
        vm.warp(NOW + 5 days);
        _refuse(
            order,
            _sign(SELLER_KEY, order),
            PRICE * 3 / 4 - 1,
            abi.encodeWithSelector(
                IExchange.Exchange_WrongPayment.selector, PRICE * 3 / 4, PRICE * 3 / 4 - 1
            )
        );
    }

    function test_RevertWhen_WorkOfABundleUnboundForTooLong()
        external
        givenExchangeOpen
        whenOrderIsAListing
    {
        Order memory order = _bundle();
        order.more[1].transferCount = UNBOUND;
        order.end = order.start + 60 days + 1;
        _refuse(
            order,
            abi.encodeWithSelector(
                IExchange.Exchange_UnboundOrderTooLong.selector, 60 days + 1, 60 days
            )
        );
    }

    function test_RevertWhen_NotStarted() external givenExchangeOpen whenOrderIsAListing {
        Order memory order = _listing();
        order.start = uint64(NOW + 1);
        _refuse(
            order, abi.encodeWithSelector(IExchange.Exchange_OrderNotStarted.selector, NOW + 1, NOW)
        );
    }

    function test_RevertWhen_Expired() external givenExchangeOpen whenOrderIsAListing {
        Order memory order = _listing();
        order.end = uint64(NOW - 1);
        _refuse(
            order, abi.encodeWithSelector(IExchange.Exchange_OrderExpired.selector, NOW - 1, NOW)
        );
    }

    function test_RevertWhen_UnboundForTooLong() external givenExchangeOpen whenOrderIsAListing {
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

    function test_RevertGiven_SignatureOfAnother()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
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

    function test_RevertGiven_NonceUsed()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
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

    function test_RevertGiven_CounterMoved()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
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

    function test_RevertGiven_FeeAboveMaximum()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
        Order memory order = _listing();
        order.maxFeeBps = FEE_BPS - 1;
        _refuse(
            order,
            abi.encodeWithSelector(
                IExchange.Exchange_FeeAboveMaximum.selector, FEE_BPS, FEE_BPS - 1
            )
        );
    }

    function test_RevertGiven_RoyaltyAboveMaximum()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
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
        givenExchangeOpen
        whenOrderIsAListing
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

    function test_RevertGiven_TransferCountMoved()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
        Order memory order = _listing();
        vm.prank(seller);
        works.transferFrom(seller, studio, tokenId);
        vm.prank(studio);
        works.transferFrom(studio, seller, tokenId);

        _refuse(order, abi.encodeWithSelector(IExchange.Exchange_TransferCountMoved.selector, 0, 2));
        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_RevertGiven_MakerNotOwner()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
        Order memory order = _listing();
        vm.prank(seller);
        works.transferFrom(seller, studio, tokenId);
        order.transferCount = 1;

        // The collection itself refuses to take it from anybody but its owner.
        _refuse(order, abi.encodeWithSignature("TransferFromIncorrectOwner()"));
        vm.assertEq(works.ownerOf(tokenId), studio);
    }

    function test_RevertGiven_MakerNotOwnerOfAForeignWork()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
        foreign.mint(studio, 1);
        _refuse(
            _foreignListing(address(foreign), 1),
            abi.encodeWithSelector(IExchange.Exchange_MakerNotOwner.selector, seller, studio)
        );
    }

    function test_RevertGiven_ApprovalRevoked()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
        vm.prank(seller);
        works.setApprovalForAll(address(exchange), false);

        _refuse(_listing(), abi.encodeWithSignature("NotOwnerNorApproved()"));
        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_RevertGiven_GasTooLowForTheRoyalty()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
        Order memory order = _listing();
        bytes memory signature = _sign(SELLER_KEY, order);

        vm.prank(buyer);
        (bool success, bytes memory reason) = address(exchange).call{value: PRICE, gas: 110_000}(
            abi.encodeCall(IExchange.fill, (order, signature))
        );

        vm.assertFalse(success);
        vm.assertEq(bytes32(bytes4(reason)), bytes32(ICredits.Credits_GasTooLow.selector));
        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_GivenNoRoyaltyAnswer()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
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

    function test_GivenSellerIsRoyaltyReceiver()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
        foreign.mint(seller, 1);
        foreign.setRoyalty(seller, ROYALTY_BPS);
        uint256 before = seller.balance;

        _buy(_foreignListing(address(foreign), 1));

        // It should pay the seller once.
        vm.assertEq(seller.balance - before, PRICE - FEE);
    }

    function test_GivenSellerRefusesCoin()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
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
        vm.assertEq(exchange.credit(address(wallet), address(0)), PRICE - FEE - ROYALTY);
        vm.assertEq(exchange.totalCredit(address(0)), PRICE - FEE - ROYALTY);
    }

    function test_GivenPrivateSale()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
        Order memory order = _listing();
        order.taker = buyer;

        _buy(order);

        // It should deliver the work to the taker.
        vm.assertEq(works.ownerOf(tokenId), buyer);
    }

    function test_GivenUnboundOrder()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
        foreign.mint(seller, 1);
        Order memory order = _foreignListing(address(foreign), 1);
        order.end = order.start + 60 days;

        _buy(order);

        // It should deliver the work.
        vm.assertEq(foreign.ownerOf(1), buyer);
    }

    function test_GivenBoundOrder()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
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
        vm.assertEq(exchange.fees(address(0)), FEE);
        // It should use the nonce.
        vm.assertTrue(exchange.isNonceUsed(seller, order.nonce));
    }

    function test_RevertGiven_BuyerRefusesChange()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
        Order memory order = _fallingListing();
        bytes memory data = abi.encodeCall(IExchange.fill, (order, _sign(SELLER_KEY, order)));
        Receiver refuser = new Receiver(Receiver.Manner.Reverts);
        vm.warp(NOW + 5 days);

        vm.prank(buyer);
        vm.expectRevert(
            _reason(IExchange.Exchange_ChangeRefused.selector, uint160(address(refuser)))
        );
        refuser.act{value: PRICE}(address(exchange), data);
    }

    function test_GivenFallingPrice()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
        Order memory order = _fallingListing();
        order.price = PRICE + 1;
        bytes memory signature = _sign(SELLER_KEY, order);
        (uint256 before, uint256 sellerBefore) = (buyer.balance, seller.balance);
        vm.warp(NOW + 5 days);

        vm.prank(buyer);
        exchange.fill{value: PRICE + 1}(order, signature);

        // It should take the price of the moment, rounded up.
        uint256 price = PRICE * 3 / 4 + 1;
        vm.assertEq(exchange.priceAt(order, NOW + 5 days), price);
        uint256 paid = price - price * ROYALTY_BPS / 10_000 - price * FEE_BPS / 10_000;
        vm.assertEq(seller.balance - sellerBefore, paid);
        // It should return the rest.
        vm.assertEq(before - buyer.balance, price);
        vm.assertEq(address(exchange).balance, price * FEE_BPS / 10_000);
    }

    function test_GivenAllowedCurrency()
        external
        givenExchangeOpen
        whenOrderIsAListing
        whenTermsInOrder
    {
        Order memory order = _wrappedListing();
        bytes memory signature = _sign(SELLER_KEY, order);

        vm.prank(buyer);
        exchange.fill(order, signature);

        // It should deliver the work.
        vm.assertEq(works.ownerOf(tokenId), buyer);
        // It should move each share to its receiver.
        vm.assertEq(_held(buyer), PURSE - PRICE);
        vm.assertEq(_held(seller), PRICE - ROYALTY - FEE);
        vm.assertEq(_held(artist), ROYALTY);
        // It should keep the fee in that currency.
        vm.assertEq(exchange.fees(address(weth)), FEE);
        vm.assertEq(exchange.fees(address(0)), 0);
        _checkBooks();
    }

    function test_GivenBundle() external givenExchangeOpen whenOrderIsAListing whenTermsInOrder {
        Order memory order = _bundle();
        order.price = order.endPrice = 100_001;
        bytes32 orderHash = exchange.hashOrder(order);
        bytes memory signature = _sign(SELLER_KEY, order);
        uint256 before = seller.balance;

        // It should emit {OrderFilled} for each work, at its part of the price.
        vm.prank(buyer);
        for (uint256 i = 0; i < 3; ++i) {
            uint256 part = i == 0 ? 33_335 : 33_333;
            vm.expectEmit(address(exchange));
            emit IExchange.OrderFilled(
                orderHash,
                seller,
                buyer,
                address(collection),
                i == 0 ? tokenId : order.more[i - 1].tokenId,
                address(0),
                part,
                artist,
                part * ROYALTY_BPS / 10_000,
                part * FEE_BPS / 10_000,
                0
            );
        }
        exchange.fill{value: 100_001}(order, signature);

        // It should deliver every work.
        vm.assertEq(works.ownerOf(tokenId), buyer);
        vm.assertEq(works.ownerOf(order.more[0].tokenId), buyer);
        vm.assertEq(works.ownerOf(order.more[1].tokenId), buyer);
        // It should pay each royalty and the rest to the seller.
        vm.assertEq(artist.balance, 1666 * 3);
        vm.assertEq(exchange.fees(address(0)), 666 * 3);
        vm.assertEq(seller.balance - before, 100_001 - 1666 * 3 - 666 * 3);
    }
}
