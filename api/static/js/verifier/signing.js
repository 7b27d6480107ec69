// What wallets sign (EIP-712), and whose key made a signature: nft/signing.py.

import { secp256k1 } from "@noble/curves/secp256k1.js";
import { concat, keccak, toNumber, utf8, word } from "./bytes.js";

const VERSION = "1";
const DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";

export const hashOf = (text) => keccak(utf8(text));

// What is signed of a struct, for one contract on one chain.
export function typedDigest(name, chainId, contract, struct) {
  const separator = keccak(concat(hashOf(DOMAIN), hashOf(name), hashOf(VERSION), word(chainId), word(toNumber(contract))));
  return keccak(concat(Uint8Array.of(0x19, 0x01), separator, struct));
}

// The address whose key made a signature of 65 bytes; null where none can have made it.
export function recover(digest, signature) {
  if (!isCanonical(signature)) return null;
  try {
    const compact = secp256k1.Signature.fromBytes(signature.subarray(0, 64), "compact");
    const point = compact.addRecoveryBit(signature[64] - 27).recoverPublicKey(digest);
    return keccak(point.toBytes(false).subarray(1)).subarray(12);
  } catch {
    return null;
  }
}

const ORDER = secp256k1.Point.Fn.ORDER;

// Canonical or not: low s, v of 27 or 28.
function isCanonical(signature) {
  const [r, s] = [toNumber(signature.subarray(0, 32)), toNumber(signature.subarray(32, 64))];
  return r > 0n && r < ORDER && s > 0n && s <= ORDER / 2n && (signature[64] === 27 || signature[64] === 28);
}
