// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISplitter, Share} from "../../src/interfaces/ISplitter.sol";
import {OddCoin} from "../doubles/OddCoin.sol";
import {Receiver} from "../doubles/Receivers.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice What is paid into a splitter and drawn from it, in coin and in a currency, while
/// receivers refuse and change their minds. Every action must succeed.
contract SplitterHandler {
    ISplitter public immutable splitter;
    OddCoin public immutable token;

    mapping(address currency => uint256) public cameIn;
    mapping(address currency => mapping(address receiver => uint256)) public had;
    mapping(bytes32 action => uint256) public succeeded;
    uint256 public total;

    Share[] private _shares;

    constructor(ISplitter splitter_, OddCoin token_) {
        splitter = splitter_;
        token = token_;
        Share[] memory shares = splitter_.shares();
        for (uint256 i = 0; i < shares.length; ++i) {
            _shares.push(shares[i]);
        }
    }

    modifier counted(bytes32 action) {
        _;
        ++succeeded[action];
        ++total;
    }

    function payCoin(uint256 amount) public counted("payCoin") {
        amount = bound(amount, 0, 1e24);
        vm.deal(address(this), amount);
        (bool success,) = address(splitter).call{value: amount, gas: 100_000}("");
        vm.assertTrue(success);
        cameIn[address(0)] += amount;
    }

    function payDust(uint256 amount) external counted("payDust") {
        payCoin(amount % 3);
        payToken(amount % 5);
    }

    function payToken(uint256 amount) public counted("payToken") {
        amount = bound(amount, 0, 1e24);
        token.mint(address(splitter), amount);
        cameIn[address(token)] += amount;
    }

    /// @dev Coin that arrives without a call.
    function force(uint256 amount) external counted("force") {
        amount = bound(amount, 0, 1e18);
        vm.deal(address(splitter), address(splitter).balance + amount);
        cameIn[address(0)] += amount;
    }

    function releaseCoin(uint256 which) external counted("releaseCoin") {
        address receiver = _shares[which % _shares.length].receiver;
        if (splitter.releasable(receiver, address(0)) == 0) payCoin(1e18);
        Receiver(payable(receiver)).become(Receiver.Manner.Accepts);
        uint256 before = receiver.balance;
        uint256 due = splitter.releasable(receiver, address(0));

        splitter.release(receiver, address(0));

        vm.assertEq(receiver.balance - before, due);
        had[address(0)][receiver] += due;
    }

    function releaseToken(uint256 which) external counted("releaseToken") {
        address receiver = _shares[which % _shares.length].receiver;
        if (splitter.releasable(receiver, address(token)) == 0) payToken(1e18);
        uint256 before = token.balanceOf(receiver);
        uint256 due = splitter.releasable(receiver, address(token));

        splitter.release(receiver, address(token));

        vm.assertEq(token.balanceOf(receiver) - before, due);
        had[address(token)][receiver] += due;
    }

    function refuse(uint256 which) external counted("refuse") {
        address receiver = _shares[which % _shares.length].receiver;
        if (splitter.releasable(receiver, address(0)) == 0) payCoin(1e18);
        Receiver(payable(receiver)).become(Receiver.Manner.Reverts);
        uint256 due = splitter.releasable(receiver, address(0));

        (bool success,) =
            address(splitter).call(abi.encodeCall(ISplitter.release, (receiver, address(0))));

        vm.assertFalse(success);
        vm.assertEq(splitter.releasable(receiver, address(0)), due);
    }
}
