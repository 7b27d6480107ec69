// One file on the shelf: its bytes on their way, its stages, its role, and what can be done about it.

import { canClean, clean, telling } from "./cleaning.js";
import { make } from "./dom.js";
import { _ } from "./i18n.js";
import { Sending, isCancelled } from "./upload.js";

// A draft keeps a small picture of each of its files, and has room for 128 KiB in all.
const THUMB_PX = [640, 320, 160, 80];
const THUMB_CHARS = 12_000;
const stageWords = () => ({
  received: _("received"),
  hashed: _("hashed"),
  checked: _("checked"),
  derived: _("smaller pictures made"),
  compared: _("compared with other works"),
  pinned: _("pinned, after your consent"),
  read_back: _("read back"),
});
const DONE = ["received", "hashed", "checked", "derived", "compared"];
const KEPT = ["upload_id", "name", "role", "type", "kind", "bare", "bytes", "width", "height", "thumb", "findings", "sha256"];
const ROLES = { image: "image", document: "document", video: "animation", audio: "animation", model: "animation", page: "animation" };
const KINDS = { image: "image", video: "video", audio: "audio", "model/gltf-binary": "model", "application/pdf": "document" };

// As the server sorts them; what a browser does not know the type of may be anything.
export const kindOf = (type) => KINDS[type] ?? KINDS[type.split("/")[0]] ?? (["text/html", "application/zip"].includes(type) ? "page" : "any");

function drawn(bitmap, pixels) {
  const scale = Math.min(1, pixels / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = make("canvas", { width, height });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, width, height);
  return canvas.toDataURL("image/webp", 0.7);
}

async function measure(file) {
  try {
    const bitmap = await createImageBitmap(file);
    const thumb = THUMB_PX.map((pixels) => drawn(bitmap, pixels)).find((each) => each.length <= THUMB_CHARS);
    return { width: bitmap.width, height: bitmap.height, thumb: thumb ?? null };
  } catch {
    return { width: null, height: null, thumb: null };
  }
}

export class ShelfFile {
  constructor(facts, { onChange, onRemove, size }) {
    Object.assign(this, { state: "sending", width: null, height: null, thumb: null, findings: [] }, facts);
    Object.assign(this, { onChange, onRemove, size, sending: null, element: make("div", { class: "file" }) });
    this.#draw();
  }

  facts() {
    return Object.fromEntries(KEPT.map((name) => [name, this[name]]));
  }

  restored() {
    Object.assign(this, { state: "ready", source: this.thumb });
    this.#draw();
    for (const stage of DONE) this.#stage(stage);
    return this;
  }

  async send(file) {
    this.sending = new Sending(file, {
      onBytes: (sent, total, left) => this.#bytes(sent, total, left),
      onStage: (stage) => this.#stage(stage),
      onStopped: () => this.#to("stopped"),
    });
    this.#draw();
    try {
      Object.assign(this, await measure(file));
      this.source = this.thumb && URL.createObjectURL(file);
      this.onChange(this);
      await this.sending.start();
      const done = await this.sending.done;
      this.#take(done);
      const { kind } = this;
      if (kind !== "image" && this.role === "image") this.#play(ROLES[kind]);
      this.#to("ready");
    } catch (error) {
      if (isCancelled(error)) return;
      this.fail(error.message);
    }
    this.onChange(this);
  }

  #take(done) {
    const { type, width, height, sha256, kind, blur } = done.media;
    Object.assign(this, { upload_id: done.id, type, width, height, sha256, kind, bare: kind !== "image" && !blur, findings: done.findings ?? [] });
  }

  // The same pixels without position, camera and names, as an upload of its own in this one's place.
  async #clean() {
    this.#to("sending");
    try {
      this.#take(await clean(this.upload_id));
      this.said.textContent = _("A copy without position, camera and names is used.");
    } catch (error) {
      this.said.textContent = error.message;
    }
    this.#to("ready");
    this.onChange(this);
  }

  // Another role, where the server found out that the file is no picture.
  #play(role) {
    this.role = role;
    this.element.querySelector("select").value = role;
  }

  goOn() {
    if (this.state === "stopped") this.#resume();
  }

  fail(why) {
    this.#to("failed");
    this.wrong.hidden = false;
    this.wrong.textContent = why;
    this.stages.querySelector(".now")?.classList.replace("now", "failed");
  }

  #resume() {
    this.#to("sending");
    this.sending.resume();
  }

  async #pause() {
    this.#to("paused");
    await this.sending.pause();
  }

  async #remove() {
    this.onRemove(this);
    if (this.source?.startsWith("blob:")) URL.revokeObjectURL(this.source);
    await this.sending?.cancel();
  }

  #to(state) {
    this.state = state;
    const button = (label, act) => make("button", { class: "button link", type: "button", "aria-label": `${label}: ${this.name}`, onclick: act }, label);
    const isSent = this.stages.querySelector("[data-stage=received].done");
    this.acts.replaceChildren(
      ...(state === "sending" && this.sending && !isSent ? [button(_("Pause"), () => this.#pause())] : []),
      ...(["paused", "stopped"].includes(state) ? [button(_("Go on"), () => this.#resume())] : []),
      ...(state === "ready" && canClean(this) ? [button(_("Take out what it tells about me"), () => this.#clean())] : []),
      button(_("Remove"), () => this.#remove()),
    );
    this.tells.replaceChildren(...(state === "ready" ? telling(this) : []).map((each) => make("li", {}, each)));
    if (state === "paused") this.said.textContent = _("Paused. What was sent is kept.");
    if (state === "stopped") this.said.textContent = _("The connection was lost. What was sent is kept.");
  }

  #draw() {
    const words = { image: _("the picture"), animation: _("the work itself: video, sound, model or page"), document: _("goes with the work") };
    this.progress = make("progress", { max: 1, value: this.state === "ready" ? 1 : 0, "aria-label": _("Bytes sent") });
    this.said = make("span", { class: "quiet small" }, this.size(this.bytes ?? 0));
    this.wrong = make("p", { class: "wrong", role: "alert", hidden: true });
    this.stages = make("ol", { class: "stages" }, ...Object.entries(stageWords()).map(([name, said]) => make("li", { "data-stage": name }, said)));
    const choose = (event) => {
      this.role = event.target.value;
      this.onChange(this);
    };
    const role = make("label", { class: "role small" }, _("What it is"), " ", make("select", { onchange: choose }, ...Object.entries(words).map(([name, said]) => make("option", { value: name, selected: name === this.role }, said))));
    this.acts = make("span", { class: "acts" });
    this.tells = make("ul", { class: "findings small" });
    this.element.replaceChildren(make("strong", {}, this.name), this.said, this.progress, this.stages, this.tells, role, this.acts, this.wrong);
    this.#to(this.state);
  }

  #bytes(sent, total, left) {
    if (this.state !== "sending") return;
    this.progress.value = total ? sent / total : 0;
    const time = left === null ? "" : ` · ${_("{seconds} s left", { seconds: left })}`;
    this.said.textContent = `${this.size(sent)} / ${this.size(total)} · ${Math.floor((100 * sent) / Math.max(1, total))}%${time}`;
  }

  #stage(name) {
    const stages = [...this.stages.children];
    const at = stages.findIndex((stage) => stage.dataset.stage === name);
    stages.forEach((stage, index) => {
      stage.classList.toggle("now", index === at + 1 && at + 1 < DONE.length);
      if (index <= at) stage.classList.add("done");
    });
    this.progress.value = 1;
    if (name === "received") this.said.textContent = this.size(this.bytes ?? 0);
    this.#to(this.state);
  }
}
