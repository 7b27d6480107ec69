// Uploads: resumable (tus), with bytes first and then the stages that the server really reaches.

import { ask } from "./http.js";
import { _ } from "./i18n.js";

const PAUSE_MS = 300;
const CHUNK_BYTES = 8 * 1024 * 1024;
const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

// Sends a file and waits until it is checked; settles with the upload as the API tells it.
export function upload(file, { onBytes, onStage }) {
  return new Promise((resolve, reject) => {
    const began = Date.now();
    const sending = new window.tus.Upload(file, {
      endpoint: "/api/uploads",
      chunkSize: CHUNK_BYTES,
      retryDelays: [0, 500, 1500, 4000, 8000],
      metadata: { filename: file.name || "pasted", filetype: file.type },
      removeFingerprintOnSuccess: true,
      onProgress: (sent, total) => onBytes(sent, total, remaining(began, sent, total)),
      onError: (error) => reject(new Error(detailOf(error))),
      onSuccess: () => {
        onStage("received");
        checked(sending.url.split("/").pop(), onStage).then(resolve, reject);
      },
    });
    sending.findPreviousUploads().then((before) => {
      if (before.length) sending.resumeFromPreviousUpload(before[0]);
      sending.start();
    });
  });
}

function remaining(began, sent, total) {
  const seconds = (Date.now() - began) / 1000;
  return sent > 0 && seconds > 1 ? Math.round((seconds * (total - sent)) / sent) : null;
}

function detailOf(error) {
  const body = error.originalResponse?.getBody?.() ?? "";
  try {
    return JSON.parse(body).detail;
  } catch {
    return _("The upload was interrupted. Choose the same file again and it goes on where it stopped.");
  }
}

async function checked(id, onStage) {
  for (;;) {
    const found = await ask("GET", `/api/uploads/${id}`);
    if (found.media?.sha256) onStage("hashed");
    if (found.state === "ready") {
      onStage("checked");
      return found;
    }
    if (found.state === "refused") throw new Error(found.problem?.detail ?? _("The file was refused."));
    await pause();
  }
}
