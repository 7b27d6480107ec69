// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @notice A collection that turns on whoever moves its works: by gas, by memory, by calling back.
contract HostileToken is ERC721 {
    enum Manner {
        Good,
        BurnsGas,
        RevertsWithAll,
        CallsBack
    }

    Manner private _manner;
    address private _target;
    bytes private _data;

    bool public called;
    bool public succeeded;
    bytes public answer;

    constructor() ERC721("Hostile", "H") {}

    function mint(address to, uint256 tokenId) external {
        _mint(to, tokenId);
    }

    function become(Manner manner) external {
        _manner = manner;
    }

    function arm(address target, bytes calldata data) external {
        (_manner, _target, _data) = (Manner.CallsBack, target, data);
    }

    function transferFrom(address from, address to, uint256 tokenId) public override {
        if (_manner == Manner.BurnsGas) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        if (_manner == Manner.RevertsWithAll) {
            // As much memory as the gas at hand can pay for.
            uint256 size = gasleft() * 16;
            if (size > 150_000) size = 150_000;
            assembly ("memory-safe") {
                revert(0x00, size)
            }
        }
        super.transferFrom(from, to, tokenId);
        if (_manner == Manner.CallsBack) {
            called = true;
            (succeeded, answer) = _target.call(_data);
        }
    }
}

/// @notice An account that belongs to a token (ERC-6551): it holds things, and whoever owns the
/// token may take them out.
contract TokenAccount {
    ERC721 private immutable _token;
    uint256 private immutable _tokenId;

    constructor(ERC721 token, uint256 tokenId) {
        (_token, _tokenId) = (token, tokenId);
    }

    receive() external payable {}

    function drain(address payable to) external {
        require(msg.sender == _token.ownerOf(_tokenId), "not the owner");
        (bool success,) = to.call{value: address(this).balance}("");
        require(success, "refused");
    }
}
