// Uploads: resumable (tus), with bytes first and then the stages that the server really reaches.

import { follow, unfollow } from "./following.js";
import { _ } from "./i18n.js";

const CHUNK_BYTES = 8 * 1024 * 1024;
const RETRY_MS = [0, 500, 1500, 4000, 8000];
const STAGES = ["hashed", "checked", "derived", "compared"];

class Cancelled extends Error {}

export const isCancelled = (error) => error instanceof Cancelled;

// One file on its way: `done` settles with the upload as the API tells it, once it is checked.
export class Sending {
  constructor(file, { onBytes, onStage, onStopped = null }) {
    Object.assign(this, { file, onBytes, onStage, onStopped, id: null, isOver: false });
    this.done = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
    this.tus = new window.tus.Upload(file, {
      endpoint: "/api/uploads",
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_MS,
      metadata: { filename: file.name || "pasted", filetype: file.type },
      removeFingerprintOnSuccess: true,
      onProgress: (sent, total) => this.#tell(sent, total),
      onError: (error) => this.#stop(error),
      onSuccess: () => this.#received(),
    });
  }

  async start() {
    const [before] = await this.tus.findPreviousUploads();
    if (before) this.tus.resumeFromPreviousUpload(before);
    this.resume();
    return this;
  }

  resume() {
    this.began = Date.now();
    this.before = null;
    this.tus.start();
  }

  async pause() {
    await this.tus.abort();
  }

  // Gives the upload up, here and on the server.
  async cancel() {
    if (this.isOver) return;
    this.isOver = true;
    if (this.id) unfollow(this.id);
    this.reject(new Cancelled());
    await this.tus.abort(true).catch(() => {}); // what is left on the server expires by itself
  }

  #tell(sent, total) {
    this.before ??= sent;
    const seconds = (Date.now() - this.began) / 1000;
    const moved = sent - this.before;
    this.onBytes(sent, total, moved > 0 && seconds > 1 ? Math.round((seconds * (total - sent)) / moved) : null);
  }

  // A refusal ends it; a network that is gone may come back, and whoever can wait for it says so.
  #stop(error) {
    if (this.isOver) return;
    if (!error.originalResponse && this.onStopped) this.onStopped();
    else this.#fail(new Error(detailOf(error)));
  }

  #fail(error) {
    this.isOver = true;
    this.reject(error);
  }

  #received() {
    this.id = this.tus.url.split("/").pop();
    this.onStage("received");
    let told = 0;
    follow(this.id, (found) => {
      if (this.isOver) return true;
      if (!found) {
        this.#fail(new Error(_("The upload is gone from the server. Choose the file again.")));
        return true;
      }
      const reached = STAGES.indexOf(found.stage) + 1;
      for (; told < reached; told += 1) this.onStage(STAGES[told]);
      if (found.state === "refused") this.#fail(new Error(found.problem?.detail ?? _("The file was refused.")));
      if (found.state === "ready") {
        this.isOver = true;
        this.resolve(found);
      }
      return this.isOver;
    });
  }
}

// Sends a file and waits until it is checked.
export function upload(file, told) {
  const sending = new Sending(file, told);
  sending.start();
  return sending.done;
}

function detailOf(error) {
  const body = error.originalResponse?.getBody?.() ?? "";
  try {
    return JSON.parse(body).detail;
  } catch {
    return _("The upload was interrupted. Choose the same file again and it goes on where it stopped.");
  }
}
