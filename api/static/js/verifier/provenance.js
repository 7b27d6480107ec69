// Through whose hands a work went: each move by its receipt, and all of them as one chain:
// nft/verification/provenance.py.

import { checksummed, equal, hex0x, keccak, toBytes, toNumber, utf8 } from "./bytes.js";
import { moves } from "./chain.js";
import { COMPLETENESS, isUnborn } from "./extract_claims.js";
import { timeOf } from "./reading.js";
import { asCheck, failed, passed, unchecked, unlessUnlinked } from "./report.js";

const ORDER_FILLED = keccak(utf8("OrderFilled(bytes32,address,address,address,uint256,address,uint256,address,uint256,uint256,uint8)"));
const WORDS = 8;
const NOBODY = new Uint8Array(20);

const isNobody = (address) => !address.some(Boolean);
const shownOf = (address) => (address === null ? "None" : checksummed(address));

// [{moved, told}, …]: whether the work moved so, and what else the line says.
export function findLines(claims, believed, exchange) {
  return claims.items.map((item) => lineOf(item, claims, believed, exchange));
}

export const checkLines = (lines) => lines.map((line, position) => asCheck(line.told, `provenance.${position}`, false));

function lineOf(item, token, believed, exchange) {
  const shown = hex0x(item.transactionHash);
  const both = (found) => ({ moved: found, told: found });
  if (!item.isMove) return both(unchecked("provenance.event", shown));
  const { where } = item;
  const included = where ? believed.proven.receipt(where.block, where.index) : null;
  if (included === null) return both(unchecked("provenance.missing", shown));
  if (!isAt(item, included) || !hasMoved(item, token, included.told, where.log)) return both(failed("provenance.differs", shown));
  const held = (found) => unlessUnlinked(found, where.block, believed.isLinked(where.block));
  return {
    moved: held(passed("provenance.transfer", shown, handsOf(item))),
    told: held(toldOf(item, token, included.told, exchange)),
  };
}

const handsOf = (item) => ({ from: shownOf(item.sender), to: shownOf(item.receiver), number: String(item.blockNumber) });

// Block, time and transaction are those that the receipt's header has.
function isAt(item, { block, told }) {
  return (
    block.number === item.blockNumber &&
    equal(block.hash, item.blockHash) &&
    timeOf(block.timestamp) === item.timestamp &&
    (told.transactionHash === null || equal(told.transactionHash, item.transactionHash))
  );
}

function hasMoved(item, token, included, place) {
  const log = included.logs[place];
  const moved = log ? moves(log, token.contract, token.tokenId) : null;
  if (moved === null || !item.sender || !item.receiver || !equal(moved[0], item.sender) || !equal(moved[1], item.receiver)) return false;
  const [isMint, isBurn] = moved.map(isNobody);
  return item.event === "mint" ? isMint && !isBurn : !isMint && isBurn === (item.event === "burn");
}

function toldOf(item, token, included, exchange) {
  const shown = hex0x(item.transactionHash);
  const hands = handsOf(item);
  // A sale without a price says no more than a transfer.
  if (item.price === null) return passed(`provenance.${item.event === "sale" ? "transfer" : item.event}`, shown, hands);
  const logs = exchange ? included.logs.filter((log) => equal(log.address, exchange)) : [];
  const fills = logs.map((log) => fillOf(log, token)).filter((fill) => fill !== null);
  if (!fills.length) return unchecked("provenance.unpriced", shown, hands);
  if (!fills.some((fill) => isSame(item.price, fill))) return failed("provenance.differs", shown);
  const sale = { price: String(item.price.price), currency: checksummed(item.price.currency), exchange: checksummed(exchange) };
  return passed("provenance.sale", shown, { ...hands, ...sale });
}

// What a log of the exchange says that was paid for a token.
function fillOf(log, token) {
  if (log.topics.length !== 4 || !equal(log.topics[0], ORDER_FILLED) || log.data.length !== 32 * WORDS) return null;
  const words = Array.from({ length: WORDS }, (_, at) => toNumber(log.data.subarray(32 * at, 32 * at + 32)));
  const [collection, tokenId, currency, price, receiver, royalty, fee] = words;
  if ([collection, currency, receiver].some((value) => value >> 160n)) return null;
  if (!equal(toBytes(collection, 20), token.contract) || tokenId !== token.tokenId) return null;
  return { price, currency: toBytes(currency, 20), royalty, royaltyReceiver: toBytes(receiver, 20), fee, orderHash: log.topics[1] };
}

function isSame(claimed, fill) {
  return (
    claimed.price === fill.price &&
    equal(claimed.currency, fill.currency) &&
    claimed.royalty === fill.royalty &&
    equal(claimed.royaltyReceiver, fill.royaltyReceiver) &&
    claimed.fee === fill.fee &&
    (claimed.orderHash === null || equal(claimed.orderHash, fill.orderHash))
  );
}

// All moves as one chain, and how much is thereby known. `state` is what was found of owner and
// counter; null where the layout is not known.
export const checkChainOfOwners = (claims, lines, state) => asCheck(wholeOf(claims, lines, state), "provenance.chain", true);

function wholeOf(claims, lines, state) {
  const steps = claims.items.map((item, at) => ({ item, moved: lines[at].moved })).filter(({ item }) => item.isMove);
  const shown = String(steps.length);
  if (!isContinuous(claims, steps.map(({ item }) => item))) return failed("provenance.broken", shown);
  const reached = reachedBy(claims, steps.length, state);
  if (COMPLETENESS.indexOf(claims.completeness) > COMPLETENESS.indexOf(reached)) return failed("provenance.claimed", shown);
  const restsOn = [...steps.map(({ moved }) => moved), ...(state ? [state] : [])];
  const first = restsOn.find((found) => found.result !== "pass");
  return first ? { ...first, input: shown } : passed(`provenance.${claims.completeness}`, shown);
}

function reachedBy(claims, steps, state) {
  if (state === null) return "attested";
  return isUnborn(claims) || claims.transferCount === steps - 1 ? "complete" : "continuous";
}

const isBefore = (one, other) => [one.block - other.block, one.index - other.index, BigInt(one.log - other.log)].find((difference) => difference !== 0n) < 0n;

const sameParty = (one, other) => (one === null || other === null ? one === other : equal(one, other));

// Each in its own place, from the mint on, each from whom the one before it went to.
function isContinuous(claims, steps) {
  const places = steps.map((step) => step.where).filter((where) => where !== null);
  if (places.some((where, at) => at > 0 && !isBefore(places[at - 1], where))) return false;
  if (!steps.length) return isUnborn(claims);
  if (!steps[0].sender || !isNobody(steps[0].sender)) return false;
  if (steps.some((step, at) => at > 0 && !sameParty(steps[at - 1].receiver, step.sender))) return false;
  return sameParty(steps.at(-1).receiver, claims.owner ?? NOBODY);
}
