// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Acceptance, Auction, Bulk, Order, Voucher} from "../types/Orders.sol";

/// @title IValidator
/// @notice Every reason why something signed cannot be filled at this moment, as numbers that API,
/// wallets and other exchanges share, and warnings about what can. `src/types/Reasons.sol` names
/// the numbers; they never change their meaning. Each is listed once, in ascending order: first the
/// terms, then signature, moment, work and money.
///
/// @dev Never reverts, whatever tokens, wallets and currencies answer, as long as there is gas: a
/// question is given at most 250,000 (a signature 2,000,000), eight of them a work, and when less
/// is left the call reverts rather than take silence for an answer. Give it 10 million and one
/// million for each work of a bundle.
///
/// No reasons means: nothing that can be seen without trying stands in the way. What only a
/// transfer shows (a collection that blocks an operator, a currency that blocks an account), and
/// answers that depend on who asks, cannot be seen.
interface IValidator {
    /// @notice Why an order cannot be filled or met.
    /// @param taker Who would fill it; zero leaves out what depends on it.
    /// @param acceptance For offers; ignored for listings. A token id of zero with a set or
    /// collection offer leaves out what depends on the work. Of a token offer without a taker it is
    /// ignored, as the work is known.
    function checkOrder(
        Order calldata order,
        bytes calldata signature,
        Bulk calldata bulk,
        address taker,
        Acceptance calldata acceptance
    ) external view returns (uint16[] memory reasons, uint16[] memory warnings);

    /// @notice Why an auction cannot be opened by a bid of the reserve. Once it has been opened, or
    /// is over, that is the only reason listed.
    function checkAuction(Auction calldata auction, bytes calldata signature, address bidder)
        external
        view
        returns (uint16[] memory reasons, uint16[] memory warnings);

    /// @notice Why the work number `n` of a voucher cannot be redeemed. The collection may be any
    /// address; one that does not answer as ours do is of an unknown kind.
    function checkVoucher(
        address collection,
        Voucher calldata voucher,
        address signer,
        bytes calldata signature,
        uint32 n,
        address taker
    ) external view returns (uint16[] memory reasons, uint16[] memory warnings);

    /// @notice Of which exchange and which auctions it speaks.
    function exchange() external view returns (address);
    function auctions() external view returns (address);
}
