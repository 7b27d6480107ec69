// The signed lazy mint of a work that is not minted yet: nft/verification/voucher.py.

import { checksummed, concat, equal, keccak, toNumber, unhex, word } from "./bytes.js";
import { isObject } from "./json.js";
import { Malformed, address, digest, member, text, uint } from "./reading.js";
import { asCheck, failed, passed, unchecked } from "./report.js";
import { hashOf, recover, typedDigest } from "./signing.js";

const NAME = "Vernissage Collection";
const FIELDS =
  "uint256 tokenId,bytes32 metadataDigest,uint256 price,address currency,uint16 royaltyBps," +
  "address royaltyReceiver,address recipient,address feeReceiver,uint16 maxFeeBps," +
  "uint32 editionSize,uint32 maxPerRecipient,uint64 start,uint64 end,uint256 nonce,uint256 counter";
const KINDS = FIELDS.split(",").map((field) => field.split(" "));

// A line before the mint; none after it.
export function checkVoucher(document, claims) {
  if (claims.mint !== null) return [];
  return [asCheck(voucher(document.credentialSubject.voucher, claims), "voucher", true)];
}

function voucher(value, claims) {
  let signed;
  try {
    signed = readSigned(value);
  } catch (error) {
    if (error instanceof Malformed) return failed("voucher.malformed");
    throw error;
  }
  const { message } = signed;
  const signer = checksummed(signed.signer);
  if (claims.tokenId < message.tokenId || claims.tokenId >= message.tokenId + message.editionSize) return failed("voucher.token", signer);
  if (!equal(message.metadataDigest, claims.metadataDigest)) return failed("voucher.other", signer);
  if (signed.byContract || signed.signature.length !== 65) return unchecked("voucher.contract", signer);
  const found = recover(typedDigest(NAME, claims.chainId, claims.contract, structHash(message)), signed.signature);
  if (found === null || !equal(found, signed.signer)) return failed("voucher.stranger", signer);
  if (!equal(signed.signer, claims.creator)) return unchecked("voucher.minter", signer, { signer });
  return passed("voucher.pass", signer, { signer });
}

// Exactly what a certificate writes.
function readSigned(value) {
  const signature = text(member(value, "signature"));
  const names = Object.keys(value).filter((name) => name !== "wallet").sort();
  const isOurs = names.join() === "message,signature,signer" && (!Object.hasOwn(value, "wallet") || value.wallet === "contract");
  const bytes = /^0x[0-9a-f]*$/.test(signature) ? unhex(signature.slice(2)) : null;
  if (!isOurs || bytes === null) throw new Malformed("no signed voucher");
  return { message: readMessage(value.message), signer: address(value.signer), signature: bytes, byContract: Object.hasOwn(value, "wallet") };
}

// Every member of the EIP-712 type and no other, each within the range of its type.
function readMessage(value) {
  const isWhole = isObject(value) && Object.keys(value).length === KINDS.length && KINDS.every(([, name]) => Object.hasOwn(value, name));
  if (!isWhole) throw new Malformed("other members than a voucher has");
  return Object.fromEntries(KINDS.map(([kind, name]) => [name, readMember(kind, value[name])]));
}

function readMember(kind, value) {
  if (kind === "address") return address(value);
  if (kind === "bytes32") return digest(value);
  return uint(value, 2n ** BigInt(kind.slice(4)) - 1n);
}

function structHash(message) {
  const words = KINDS.map(([kind, name]) => (kind.startsWith("uint") ? word(message[name]) : word(toNumber(message[name]))));
  return keccak(concat(hashOf(`Voucher(${FIELDS})`), ...words));
}
