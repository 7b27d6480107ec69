// tus-js-client as a program: node tus_client.mjs MODULES ENDPOINT TOKEN FILE STORAGE CHUNK
// prints each offset that the server acknowledged, then `done` and the upload's address.

import { createReadStream, statSync } from "node:fs";
import { createRequire } from "node:module";

const [modules, endpoint, token, path, storage, chunk] = process.argv.slice(2);
const { FileUrlStorage, Upload } = createRequire(`${modules}/`)("tus-js-client");
const say = (word) => process.stdout.write(`${word}\n`);

const upload = new Upload(createReadStream(path), {
  endpoint,
  headers: { Authorization: `Bearer ${token}` },
  uploadSize: statSync(path).size,
  chunkSize: Number(chunk),
  retryDelays: Array(100).fill(200),
  metadata: { filename: "work.bin" },
  urlStorage: new FileUrlStorage(storage),
  fingerprint: async () => path,
  onChunkComplete: (size, accepted) => say(accepted),
  onSuccess: () => say(`done ${upload.url}`),
  onError: (error) => {
    process.stderr.write(`${error}\n`);
    process.exit(1);
  },
});
const [before] = await upload.findPreviousUploads();
if (before) upload.resumeFromPreviousUpload(before);
upload.start();
