// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";

import {ICollection} from "../../src/interfaces/ICollection.sol";
import {ICredits} from "../../src/interfaces/ICredits.sol";
import {Voucher} from "../../src/types/Orders.sol";
import {OddCoin} from "../doubles/OddCoin.sol";
import {Receiver} from "../doubles/Receivers.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice What people do with vouchers, in coin and in a currency that blocks somebody. Every
/// action prepares what it needs and must succeed; what it should change is written down beside.
///
/// @dev The creators are contracts: one takes coin, one reverts, one burns all gas; the currency
/// blocks the second. A minter signs for all of them.
contract VoucherHandler {
    struct Work {
        uint256 id;
        address owner;
        uint256 count;
        bool burned;
    }

    uint256 private constant MINTER_KEY = 0x317e2;
    uint256 private constant PEOPLE = 3;

    ICollection public immutable collection;
    OddCoin public immutable token;
    Receiver[3] public receivers;

    Work[] public works;
    mapping(address currency => mapping(address account => uint256)) public expectedCredit;
    mapping(address currency => uint256) public expectedTotal;
    uint256 public forced;
    mapping(bytes32 action => uint256) public succeeded;
    uint256 public total;

    uint96 private _serial;

    constructor(ICollection collection_) {
        collection = collection_;
        token = new OddCoin(OddCoin.Manner.Behaves);
        receivers[0] = new Receiver(Receiver.Manner.Accepts);
        receivers[1] = new Receiver(Receiver.Manner.Reverts);
        receivers[2] = new Receiver(Receiver.Manner.BurnsGas);
        token.block_(address(receivers[1]), true);
        for (uint256 i = 0; i < 3; ++i) {
            receivers[i].act(
                address(collection_),
                abi.encodeCall(ICollection.setMinter, (vm.addr(MINTER_KEY), true))
            );
        }
    }

    modifier counted(bytes32 action) {
        _;
        ++succeeded[action];
        ++total;
    }

    function worksCount() external view returns (uint256) {
        return works.length;
    }

    function person(uint256 which) public pure returns (address) {
        return address(uint160(0xbee0000 + which % PEOPLE));
    }

    function redeemForCoin(uint256 who, uint256 creator, uint256 price, uint256 fee)
        external
        counted("redeemForCoin")
    {
        Voucher memory voucher = _voucher(creator, bound(price, 0, 1e24), fee);
        _redeem(voucher, person(who));
    }

    function redeemForToken(uint256 who, uint256 creator, uint256 price, uint256 fee)
        external
        counted("redeemForToken")
    {
        Voucher memory voucher = _voucher(creator, bound(price, 0, 1e24), fee);
        voucher.currency = address(token);
        _redeem(voucher, person(who));
    }

    /// @dev The same voucher again is refused, whoever owns its work by now.
    function redeemTwice(uint256 who, uint256 creator) external counted("redeemTwice") {
        Voucher memory voucher = _voucher(creator, 1e18, 100);
        bytes memory signature = _redeem(voucher, person(who));
        address again = person(who % PEOPLE + 1);
        vm.deal(again, voucher.price);
        vm.prank(again);
        (bool success,) = address(collection).call{value: voucher.price}(
            abi.encodeCall(ICollection.redeem, (voucher, vm.addr(MINTER_KEY), signature, 0))
        );
        vm.assertFalse(success);
    }

    function withdraw(uint256 which, bool inToken) external counted("withdraw") {
        (Receiver receiver, address currency, uint256 amount) = _owed(which, inToken);
        address to = address(uint160(0xca5e));
        uint256 before = _balance(currency, to);
        receiver.act(address(collection), abi.encodeCall(ICredits.withdraw, (currency, to)));
        vm.assertEq(_balance(currency, to) - before, amount);
        _drawn(currency, address(receiver), amount);
    }

    /// @dev A stranger pushes it, once the receiver takes it.
    function withdrawFor(uint256 which, bool inToken) external counted("withdrawFor") {
        (Receiver receiver, address currency, uint256 amount) = _owed(which, inToken);
        Receiver.Manner manner = receiver.manner();
        receiver.become(Receiver.Manner.Accepts);
        token.block_(address(receiver), false);
        uint256 before = _balance(currency, address(receiver));

        collection.withdrawFor(address(receiver), currency);

        vm.assertEq(_balance(currency, address(receiver)) - before, amount);
        receiver.become(manner);
        token.block_(address(receiver), manner == Receiver.Manner.Reverts);
        _drawn(currency, address(receiver), amount);
    }

    function transfer(uint256 which, uint256 to) external counted("transfer") {
        Work storage work = _work(which);
        vm.prank(work.owner);
        IERC721(address(collection)).transferFrom(work.owner, person(to), work.id);
        work.owner = person(to);
        ++work.count;
    }

    function burn(uint256 which) external counted("burn") {
        Work storage work = _work(which);
        vm.prank(work.owner);
        collection.burn(work.id);
        (work.owner, work.burned) = (address(0), true);
        ++work.count;
    }

    function force(uint256 amount) external counted("force") {
        amount = bound(amount, 0, 1e18);
        vm.deal(address(collection), address(collection).balance + amount);
        forced += amount;
    }

    function _redeem(Voucher memory voucher, address buyer)
        private
        returns (bytes memory signature)
    {
        bool inToken = voucher.currency != address(0);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(MINTER_KEY, collection.hashVoucher(voucher));
        signature = abi.encodePacked(r, s, v);
        address creator = address(uint160(voucher.tokenId >> 96));
        uint256 fee =
            voucher.feeReceiver == address(0) ? 0 : voucher.price * voucher.maxFeeBps / 10_000;
        _expect(voucher.currency, creator, voucher.price - fee);
        _expect(voucher.currency, voucher.feeReceiver, fee);

        if (inToken) token.mint(buyer, voucher.price);
        else vm.deal(buyer, voucher.price);
        vm.startPrank(buyer);
        if (inToken) token.approve(address(collection), voucher.price);
        collection.redeem{value: inToken ? 0 : voucher.price}(
            voucher, vm.addr(MINTER_KEY), signature, 0
        );
        vm.stopPrank();
        vm.assertEq(_balance(voucher.currency, buyer), 0);
        works.push(Work(voucher.tokenId, buyer, 1, false));
    }

    /// @dev Who refuses is owed here.
    function _expect(address currency, address account, uint256 amount) private {
        if (account == address(0)) return;
        Receiver.Manner manner = Receiver(payable(account)).manner();
        bool refuses =
            currency == address(0) ? manner != Receiver.Manner.Accepts : token.isBlocked(account);
        if (!refuses) return;
        expectedCredit[currency][account] += amount;
        expectedTotal[currency] += amount;
    }

    function _drawn(address currency, address account, uint256 amount) private {
        expectedCredit[currency][account] -= amount;
        expectedTotal[currency] -= amount;
    }

    /// @dev Somebody who is owed something; sold for now, if there is nobody.
    function _owed(uint256 which, bool inToken)
        private
        returns (Receiver receiver, address currency, uint256 amount)
    {
        receiver = inToken ? receivers[1] : receivers[1 + which % 2];
        currency = inToken ? address(token) : address(0);
        amount = collection.credit(address(receiver), currency);
        if (amount == 0) {
            Voucher memory voucher = _voucher(inToken ? 1 : 1 + which % 2, 1e18, 0);
            voucher.currency = currency;
            voucher.feeReceiver = address(0);
            _redeem(voucher, person(which));
            amount = 1e18;
        }
    }

    function _voucher(uint256 creator, uint256 price, uint256 fee)
        private
        returns (Voucher memory voucher)
    {
        address account = address(receivers[creator % 3]);
        voucher.tokenId = (uint256(uint160(account)) << 96) | ++_serial;
        voucher.metadataDigest = bytes32(uint256(1));
        voucher.price = price;
        voucher.royaltyBps = uint16(fee % 2501);
        voucher.feeReceiver = fee % 4 == 3 ? address(0) : address(receivers[fee % 4]);
        voucher.maxFeeBps = uint16(fee % 501);
        voucher.editionSize = 1;
        voucher.end = type(uint64).max;
        voucher.nonce = fee;
    }

    /// @dev A work that somebody owns; sold now, if there is none.
    function _work(uint256 which) private returns (Work storage) {
        for (uint256 i = 0; i < works.length; ++i) {
            Work storage work = works[(which % works.length + i) % works.length];
            if (!work.burned) return work;
        }
        _redeem(_voucher(which, 0, 3), person(which));
        return works[works.length - 1];
    }

    function _balance(address currency, address account) private view returns (uint256) {
        return currency == address(0) ? account.balance : token.balanceOf(account);
    }
}
