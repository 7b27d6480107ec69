// The chain's own memory of its block hashes (EIP-2935), as nft/proofs/history.py.

import { unhex } from "./bytes.js";

export const HISTORY = unhex("0000f90827f1c53a10cb7a02335b175320002935");
export const WINDOW = 8191n;

// The one block whose hash may stand in a slot, in the state of block `asOf`; null for none.
export function blockOfSlot(slot, asOf) {
  if (slot < 0n || slot >= WINDOW) return null;
  const distance = (((asOf - 1n - slot) % WINDOW) + WINDOW) % WINDOW;
  const number = asOf - 1n - distance;
  return number >= 0n ? number : null;
}
