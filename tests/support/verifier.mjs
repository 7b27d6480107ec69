// The verifier as a program, for tests: one JSON question a line in, one JSON answer a line out.

import { createInterface } from "node:readline";
import { Refused, unhex } from "../../api/static/js/verifier/bytes.js";
import { verifyBundle } from "../../api/static/js/verifier/bundle.js";
import { readEvidence } from "../../api/static/js/verifier/evidence.js";
import { inputsOf } from "../../api/static/js/verifier/inputs.js";
import { isSigned } from "../../api/static/js/verifier/integrity.js";
import { canonical, parse } from "../../api/static/js/verifier/json.js";
import { checkNames } from "../../api/static/js/verifier/names.js";
import { told } from "../../api/static/js/verifier/sentences.js";
import { decodeBits } from "../../api/static/js/verifier/status.js";
import { verifyFile } from "../../api/static/js/verifier/verify.js";
import { WORDS } from "../../api/static/js/verifier/words.js";

const raw = (text) => new Uint8Array(Buffer.from(text, "base64"));
const digest = (text) => unhex(text.slice(2));
const hashes = (told) => new Map(Object.entries(told).map(([number, hash]) => [BigInt(number), digest(hash)]));

// What a reader brings, of JSON as the shared vectors write it.
function inputs(told = {}) {
  return inputsOf({
    blockHashes: hashes(told.block_hashes ?? {}),
    checkpoints: hashes(told.checkpoints ?? {}),
    nodes: (told.nodes ?? []).map((node) => ({ source: node.source, chainId: BigInt(node.chain_id), hashes: hashes(node.hashes) })),
    links: told.links ?? [],
    media: Object.entries(told.media ?? {}).map(([sha256, source]) => ({ sha256: digest(sha256), source })),
    knownIssuers: new Map(Object.entries(told.known_issuers ?? {})),
    issuerDocument: told.issuer_document ?? null,
    statusLists: told.status_lists ?? [],
    anchor: told.anchor ?? null,
    countersignatures: told.countersignatures ?? [],
  });
}

const ANSWERS = {
  words: () => WORDS,
  names: ({ ids }) => ids.map(checkNames((message) => message)),
  told: ({ sentences, words }) => sentences.map((one) => told(one, (message) => words[message] ?? message)),
  canonical: ({ text }) => canonical(parse(raw(text))),
  evidence: ({ text }) => String(readEvidence(parse(raw(text))).chainId),
  signature: ({ signature, message, key }) => isSigned(raw(signature), raw(message), raw(key)),
  bits: async ({ text }) => Buffer.from(await decodeBits(text)).toString("base64"),
  bundle: ({ files, brought }) => verifyBundle(new Map(Object.entries(files).map(([name, body]) => [name, raw(body)])), inputs(brought)),
  verify: ({ body, brought }) => verifyFile(raw(body), inputs(brought)),
};

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  let answer;
  try {
    answer = { answer: await ANSWERS[question.ask](question) };
  } catch (error) {
    answer = error instanceof Refused ? { refused: error.message } : { crashed: error.stack };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
