// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Signatures
/// @notice Whether an account signed a digest: by its key first, then by ERC-1271.
///
/// @dev The key comes first although the account may have code, so that the listings of a person
/// who delegates an account (EIP-7702) to code without ERC-1271 stay good.
library Signatures {
    function isValid(address signer, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (bool)
    {
        address recovered = recover(digest, signature);
        // Zero is what recovers from nonsense; no account is zero.
        if (recovered != address(0) && recovered == signer) return true;
        return signer.code.length != 0
            && SignatureChecker.isValidERC1271SignatureNowCalldata(signer, digest, signature);
    }

    /// @notice The key's account, or zero. High s, and v other than 27 and 28, are refused.
    function recover(bytes32 digest, bytes calldata signature)
        internal
        pure
        returns (address recovered)
    {
        if (signature.length == 64) {
            bytes32 r = bytes32(signature[:32]);
            bytes32 vs = bytes32(signature[32:]);
            (recovered,,) = ECDSA.tryRecover(digest, r, vs);
        } else {
            (recovered,,) = ECDSA.tryRecoverCalldata(digest, signature);
        }
    }
}
