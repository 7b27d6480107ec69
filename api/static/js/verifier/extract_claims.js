// What an ownership extract says, parsed once: nft/verification/extract_claims.py.

import { checksummed } from "./bytes.js";
import { isOurs } from "./layouts.js";
import { Malformed, address, digest, items, member, small, text, uint } from "./reading.js";

export const FORMAT = "vernissage-extract-v1";
const MAX_ITEMS = 4096;

// Said of a work that was never minted: a burned one's count is above zero. Only our own layouts
// keep a counter of transfers: what others claim, nothing proves.
export const isUnborn = ({ layout, owner, transferCount, items }) => owner === null && transferCount === 0 && !items.length && isOurs(layout);

// From the weakest to the strongest.
export const COMPLETENESS = ["attested", "continuous", "complete"];

export const MOVES = ["mint", "transfer", "sale", "burn"];
const EVENTS = [...MOVES, "metadata", "royalty", "frozen"];

const NOBODY = `0x${"0".repeat(40)}`;

const get = (value, name) => (Object.hasOwn(value, name) ? value[name] : null);
const maybe = (read, value) => (value === null ? null : read(value));

// What counts as nothing in the place of a number.
function orElse(value, other) {
  const isEmpty = value === null || value === "" || value === 0 || value === false || (typeof value === "object" && Object.keys(value).length === 0);
  return isEmpty ? other : value;
}

export function readExtract(document) {
  const completeness = member(document, "completeness");
  const lines = items(member(document, "provenance"));
  if (!COMPLETENESS.includes(completeness) || lines.length > MAX_ITEMS) throw new Malformed("completeness or length");
  const asOf = member(document, "as_of");
  const royalty = get(document, "royalty");
  const token = {
    chainId: uint(member(document, "chain_id")),
    contract: address(member(document, "contract")),
    tokenId: uint(member(document, "token_id")),
  };
  const asset = `eip155:${token.chainId}/erc721:${checksummed(token.contract)}/${token.tokenId}`;
  if (member(document, "asset") !== asset) throw new Malformed("asset");
  return {
    ...token,
    asset,
    layout: maybe(text, member(document, "layout")),
    owner: maybe(address, member(document, "owner")),
    transferCount: maybe(small, get(document, "transfer_count")),
    isFrozen: get(document, "frozen") === true,
    royaltyBps: maybe((one) => small(member(one, "bps")), royalty),
    royaltyReceiver: maybe((one) => address(member(one, "receiver")), royalty),
    metadataDigest: maybe(digest, get(document, "metadata_digest")),
    block: uint(member(asOf, "block_number")),
    blockHash: digest(member(asOf, "block_hash")),
    timestamp: text(member(asOf, "timestamp")),
    items: lines.map(itemOf),
    completeness,
    evidence: member(document, "evidence"),
    links: get(document, "links"),
  };
}

function itemOf(one) {
  const event = member(one, "event");
  if (!EVENTS.includes(event)) throw new Malformed("an event of another kind");
  return {
    event,
    isMove: MOVES.includes(event),
    sender: maybe(address, get(one, "from")),
    receiver: maybe(address, get(one, "to")),
    price: priceOf(one),
    seller: maybe(address, get(one, "seller")),
    transactionHash: digest(member(one, "transaction_hash")),
    blockNumber: uint(member(one, "block_number")),
    blockHash: digest(member(one, "block_hash")),
    timestamp: text(member(one, "timestamp")),
    where: maybe(whereOf, get(one, "receipt")),
  };
}

const whereOf = (value) => ({ block: uint(member(value, "block")), index: uint(member(value, "index")), log: small(member(value, "log")) });

function priceOf(one) {
  if (get(one, "price") === null) return null;
  return {
    price: uint(one.price),
    currency: address(get(one, "currency")),
    royalty: uint(orElse(get(one, "royalty_paid"), "0")),
    royaltyReceiver: address(orElse(get(one, "royalty_receiver"), NOBODY)),
    fee: uint(orElse(get(one, "platform_fee"), "0")),
    orderHash: maybe(digest, get(one, "order_hash")),
  };
}
