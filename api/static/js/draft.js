// A draft kept on the server: saved a moment after each change, and when somebody else (or another
// tab) saved meanwhile, nobody's edit is lost: the reader chooses.

import { Problem, ask } from "./http.js";
import { _ } from "./i18n.js";

const WAIT_MS = 700;

export class Draft {
  constructor({ id, revision, read, onSaved, onMerge }) {
    Object.assign(this, { id, revision, read, onSaved, onMerge });
    this.timer = null;
    this.saving = Promise.resolve();
    this.isDirty = false;
  }

  touch() {
    this.isDirty = true;
    this.onSaved(_("Saving…"));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), WAIT_MS);
  }

  // Saves now, one request after the other, and settles when the server has it.
  save() {
    clearTimeout(this.timer);
    this.saving = this.saving.then(() => this.#send());
    return this.saving;
  }

  async #send() {
    if (!this.isDirty) return;
    this.isDirty = false;
    const body = this.read();
    try {
      const kept = this.id
        ? await ask("PUT", `/api/drafts/${this.id}`, { revision: this.revision, body })
        : await ask("POST", "/api/drafts", { body });
      if (!this.id) history.replaceState(null, "", `/mint/${kept.id}`);
      this.id = kept.id;
      this.revision = kept.revision;
      this.onSaved(_("Saved"));
    } catch (error) {
      this.isDirty = true;
      if (error instanceof Problem && error.code === "DraftChanged") this.onMerge(error.body.draft);
      else this.onSaved(_("Not saved: {why}", { why: error.message }));
    }
  }

  // Keeps this page's words over what was saved elsewhere.
  overwrite(revision) {
    this.revision = revision;
    this.isDirty = true;
    return this.save();
  }

  async discard() {
    clearTimeout(this.timer);
    this.isDirty = false;
    await this.saving;
    if (this.id) await ask("DELETE", `/api/drafts/${this.id}`);
  }
}
