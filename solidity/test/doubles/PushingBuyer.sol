// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @notice A buyer who has the platform paid at once: a sale and the withdrawal of its fee in one
/// transaction, or does not: the difference is what pushing the fee at once costs.
contract PushingBuyer {
    function buy(address exchange, bytes calldata fill, bytes calldata withdrawFees)
        external
        payable
    {
        Address.functionCallWithValue(exchange, fill, msg.value);
        if (withdrawFees.length != 0) Address.functionCall(exchange, withdrawFees);
    }
}
