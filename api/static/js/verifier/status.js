// Whether the issuer called a certificate back, as of the date of a signed list.

import { Refused } from "./bytes.js";
import { isObject } from "./json.js";
import { signature } from "./issuer.js";
import { isMoment } from "./reading.js";
import { asCheck, failed, passed, unchecked } from "./report.js";

const TYPE = "BitstringStatusListCredential";
const LIST_BYTES = 131_072 / 8;

// The bits of a list. Nothing unpacks to more than a list: reading stops at the ceiling.
export async function decodeBits(text) {
  if (!/^u[A-Za-z0-9_-]*$/.test(text)) throw new Refused("the list is not base64url behind a `u`");
  const packed = fromBase64(text.slice(1));
  const bits = new Uint8Array(LIST_BYTES + 1);
  let filled = 0;
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const room = bits.length - filled;
      bits.set(value.subarray(0, room), filled);
      filled += Math.min(room, value.length);
      if (filled > LIST_BYTES) break;
    }
  } catch {
    throw new Refused("the list cannot be unpacked");
  } finally {
    reader.cancel().catch(() => {});
  }
  if (filled !== LIST_BYTES) throw new Refused(`the list does not have ${8 * LIST_BYTES} places`);
  return bits.subarray(0, LIST_BYTES);
}

function fromBase64(text) {
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  } catch {
    throw new Refused("the list is not base64url behind a `u`");
  }
}

// Reads a list whose proof is checked elsewhere.
async function readList(document) {
  const subject = document.credentialSubject;
  if (!isObject(subject) || !Array.isArray(document.type) || !document.type.includes(TYPE)) throw new Refused(`the document is no ${TYPE}`);
  const said = [document.id, subject.statusPurpose, document.issuer, document.validFrom, document.validUntil, subject.encodedList];
  if (!said.every((one) => typeof one === "string")) throw new Refused("the list lacks a name, purpose, issuer, date or content");
  if (!isMoment(document.validFrom) || !isMoment(document.validUntil)) throw new Refused("a date of the list is not in UTC to the second");
  return { purpose: subject.statusPurpose, validFrom: document.validFrom, bits: await decodeBits(subject.encodedList) };
}

// `signers.keys` are the certificate's own key and those that the reader knows by the same name. What
// `signers.copied` signed can deny and never confirm: anybody can write a copy of the issuer's
// document. Its dates say when a key leaked: no list is anchored, so none of that key confirms.
export async function checkStatus(places, lists, issuer, signers) {
  const lines = [];
  for (const place of places) {
    const found = await foundAt(place, lists, issuer, signers);
    lines.push(asCheck(found, `status.${place.purpose}`, found.result === "fail"));
  }
  return lines;
}

async function foundAt(place, lists, issuer, { keys, copied }) {
  const document = lists.find((one) => one.id === place.credential);
  if (!document) return unchecked("status.none", place.credential);
  const [signed, key] = signature(document);
  const isTheirs = document.issuer === issuer && (keys.has(key) || copied.has(key));
  if (signed.result !== "pass" || !isTheirs) return failed("status.broken", place.credential);
  let list;
  try {
    list = await readList(document);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return failed("status.broken", place.credential);
  }
  if (place.index >= 8n * BigInt(LIST_BYTES) || list.purpose !== place.purpose) return failed("status.broken", place.credential);
  const index = Number(place.index);
  const isSet = list.bits[index >> 3] & (0x80 >> (index & 7));
  const date = list.validFrom;
  if (isSet) return failed("status.set", place.credential, { date });
  if ((copied.get(key) ?? null) !== null) return unchecked("status.leaked", place.credential, { date });
  return keys.has(key) ? passed("status.unset", place.credential, { date }) : unchecked("status.copied", place.credential, { date });
}
