// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {Governed} from "./bases/Governed.sol";
import {Listings} from "./bases/Listings.sol";
import {Offers} from "./bases/Offers.sol";

/// @title Exchange
/// @notice See {IExchange}.
///
/// @dev In parts: {Makers} remembers what is used up, {Sales} checks an order and hands over a
/// work, {Listings} and {Offers} are what buyers and sellers call, {Tills} and {Credits} pay,
/// {Governed} is the platform's power.
contract Exchange is Listings, Offers {
    /// @param owner Who governs.
    /// @param feeReceiver Must not be zero.
    /// @param feeBps At most 500.
    constructor(address owner, address feeReceiver, uint16 feeBps)
        EIP712("Vernissage Exchange", "1")
        Governed(owner, feeReceiver, feeBps)
    {}
}
