// Amounts: typed in ETH, sent in wei, never a floating-point number between.

const DECIMALS = 18n;
const UNIT = 10n ** DECIMALS;

// Wei of a typed amount as BigInt, or null when it is not one.
export function parseEther(text) {
  const found = /^\s*(\d{1,30})(?:[.,](\d{1,18}))?\s*$|^\s*[.,](\d{1,18})\s*$/.exec(text);
  if (!found) return null;
  const part = (found[2] ?? found[3] ?? "").padEnd(Number(DECIMALS), "0");
  return BigInt(found[1] ?? "0") * UNIT + BigInt(part);
}

// Every digit of an amount, with its symbol.
export function showEther(wei) {
  const value = BigInt(wei);
  const part = (value % UNIT).toString().padStart(Number(DECIMALS), "0").replace(/0+$/, "");
  return `${value / UNIT}${part ? `.${part}` : ""}\u00a0ETH`;
}

// Basis points of a typed percentage, or null.
export function parsePercent(text) {
  const found = /^\s*(\d{1,3})(?:[.,](\d{1,2}))?\s*$/.exec(text);
  return found ? Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0")) : null;
}

// Who gets what of a sale, rounded as the contract rounds.
export function split(price, royaltyBps, feeBps) {
  const royalty = (price * BigInt(royaltyBps)) / 10000n;
  const fee = (price * BigInt(feeBps)) / 10000n;
  return { seller: price - royalty - fee, royalty, fee };
}
