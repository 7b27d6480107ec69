// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Acceptance, Auction, Bulk, Order, Voucher} from "../types/Orders.sol";

/// @title IValidator
/// @notice Every reason why something signed cannot be filled at this moment, as numbers that API,
/// wallets and other exchanges share, and warnings about what can. Never reverts, whatever tokens,
/// wallets and currencies answer. `src/types/Reasons.sol` names the numbers; they never change
/// their meaning.
interface IValidator {
    /// @param taker Who would fill it; zero leaves out what depends on it.
    /// @param acceptance For offers; ignored for listings. A token id of zero with a set or
    /// collection offer leaves out what depends on the work.
    function checkOrder(
        Order calldata order,
        bytes calldata signature,
        Bulk calldata bulk,
        address taker,
        Acceptance calldata acceptance
    ) external view returns (uint16[] memory reasons, uint16[] memory warnings);

    function checkAuction(Auction calldata auction, bytes calldata signature, address bidder)
        external
        view
        returns (uint16[] memory reasons, uint16[] memory warnings);

    function checkVoucher(
        address collection,
        Voucher calldata voucher,
        address signer,
        bytes calldata signature,
        uint32 n,
        address taker
    ) external view returns (uint16[] memory reasons, uint16[] memory warnings);
}
