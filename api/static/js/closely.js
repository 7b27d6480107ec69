// Looking closely: a picture over the whole window, moved and enlarged by pointer, wheel, two
// fingers or keys. It starts with what the page has loaded already and fetches a larger file only
// when it is looked at so closely that one shows more; the original last, where it is bearable.

import { make } from "./dom.js";
import { _ } from "./i18n.js";

const MOST_PIXELS = 64e6;
const MOST_BYTES = 48 * 1024 ** 2;
const STEP = 1.5;
const NUDGE = 80;

const WORDS = () => ({
  in: _("Closer"),
  out: _("Further away"),
  fit: _("The whole picture"),
  close: _("Close"),
});

const listed = (element) =>
  element.srcset.split(", ").filter(Boolean).map((one) => {
    const [url, width] = one.split(" ");
    return { url: new URL(url, document.baseURI).href, width: parseInt(width, 10) };
  });

// Files of the picture in the format that the browser chose, smallest first, and the original.
function filesOf(picture) {
  const offered = [...picture.parentElement.querySelectorAll("source"), picture].map(listed);
  const files = offered.find((each) => each.some((one) => one.url === picture.currentSrc)) ?? [];
  const width = Number(picture.getAttribute("width")) || picture.naturalWidth;
  const height = Number(picture.getAttribute("height")) || picture.naturalHeight;
  const isLight = width * height <= MOST_PIXELS && Number(picture.dataset.bytes) <= MOST_BYTES;
  if (isLight && !files.some((one) => one.width >= width)) files.push({ url: picture.dataset.original, width });
  return files.sort((one, other) => one.width - other.width);
}

class Closely {
  constructor(picture) {
    this.width = Number(picture.getAttribute("width")) || picture.naturalWidth;
    this.height = Number(picture.getAttribute("height")) || picture.naturalHeight;
    this.files = filesOf(picture);
    this.shown = { url: picture.currentSrc || picture.src, width: picture.naturalWidth };
    this.fingers = new Map();
    this.image = make("img", { src: this.shown.url, alt: picture.alt, draggable: "false" });
    const words = WORDS();
    this.stage = make("div", { class: "closely-stage", tabindex: "0", role: "group", "aria-label": _("Arrow keys move the picture, plus and minus bring it closer and further away, 0 shows all of it.") }, this.image);
    this.said = make("output", { class: "closely-scale" });
    const key = (name, sign, act) => make("button", { type: "button", "aria-label": words[name], title: words[name], onclick: act }, sign);
    this.dialog = make(
      "dialog",
      { class: "closely", "aria-label": _("The picture, closely") },
      this.stage,
      make(
        "div",
        { class: "closely-bar" },
        key("out", "−", () => this.enlarge(1 / STEP)),
        this.said,
        key("in", "+", () => this.enlarge(STEP)),
        key("fit", "⤢", () => this.fit()),
        key("close", "×", () => this.dialog.close()),
      ),
    );
    this.listen();
  }

  open() {
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.stage.focus();
    this.fit();
  }

  listen() {
    const resize = () => (this.isWhole ? this.fit() : this.place());
    addEventListener("resize", resize);
    this.dialog.addEventListener("close", () => {
      removeEventListener("resize", resize);
      this.dialog.remove();
    });
    this.stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 16 : 1;
      this.enlarge(Math.exp(-event.deltaY * lines * 0.002), event.clientX, event.clientY);
    }, { passive: false });
    this.stage.addEventListener("dblclick", (event) => {
      if (this.isWhole) this.enlarge(Math.max(2, 1 / this.scale), event.clientX, event.clientY);
      else this.fit();
    });
    this.stage.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.stage.setPointerCapture(event.pointerId);
      this.fingers.set(event.pointerId, event);
    });
    this.stage.addEventListener("pointermove", (event) => this.moved(event));
    for (const end of ["pointerup", "pointercancel"]) this.stage.addEventListener(end, (event) => this.fingers.delete(event.pointerId));
    this.dialog.addEventListener("keydown", (event) => this.pressed(event));
  }

  // One finger moves; two also enlarge, about the point between them.
  moved(event) {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const other = [...this.fingers.values()].find((one) => one.pointerId !== event.pointerId);
    this.fingers.set(event.pointerId, event);
    const share = other ? 0.5 : 1;
    this.x += (event.clientX - before.clientX) * share;
    this.y += (event.clientY - before.clientY) * share;
    if (!other) return this.place();
    const span = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
    this.enlarge(span(event) / span(before), (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = {
      "+": () => this.enlarge(STEP),
      "=": () => this.enlarge(STEP),
      "-": () => this.enlarge(1 / STEP),
      0: () => this.fit(),
      ArrowLeft: () => this.nudge(NUDGE, 0),
      ArrowRight: () => this.nudge(-NUDGE, 0),
      ArrowUp: () => this.nudge(0, NUDGE),
      ArrowDown: () => this.nudge(0, -NUDGE),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  get room() {
    return this.stage.getBoundingClientRect();
  }

  // All of it, and never larger than it is.
  get whole() {
    return Math.min(1, this.room.width / this.width, this.room.height / this.height);
  }

  get isWhole() {
    return this.scale <= this.whole * 1.001;
  }

  fit() {
    this.scale = this.whole;
    this.place();
  }

  nudge(x, y) {
    this.x += x;
    this.y += y;
    this.place();
  }

  // By a factor, about a point that stays where it is: the middle, when none is pointed at.
  enlarge(factor, atX, atY) {
    const { left, top, width, height } = this.room;
    const x = (atX ?? left + width / 2) - left;
    const y = (atY ?? top + height / 2) - top;
    const scale = Math.min(Math.max(4, this.whole * 4), Math.max(this.whole, this.scale * factor));
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.place();
  }

  // Puts it where it should be; no edge of it leaves the window's edge behind.
  place() {
    const { width, height } = this.room;
    const within = (at, size, most) => (size <= most ? (most - size) / 2 : Math.min(0, Math.max(most - size, at)));
    this.x = within(this.x, this.width * this.scale, width);
    this.y = within(this.y, this.height * this.scale, height);
    Object.assign(this.image.style, {
      width: `${this.width}px`,
      height: `${this.height}px`,
      transform: `translate(${this.x}px, ${this.y}px) scale(${this.scale})`,
    });
    this.image.classList.toggle("pixels", this.scale * devicePixelRatio >= 3);
    this.stage.classList.toggle("whole", this.isWhole);
    this.said.textContent = `${Math.round(this.scale * 100)} %`;
    this.sharpen();
  }

  // The smallest file that shows all there is to see at this scale, once it has come.
  async sharpen() {
    const need = this.width * this.scale * devicePixelRatio;
    const wanted = this.files.find((one) => one.width >= need) ?? this.files.at(-1);
    if (!wanted || wanted.width <= this.shown.width || wanted === this.coming) return;
    this.coming = wanted;
    const ahead = new Image();
    ahead.src = wanted.url;
    try {
      await ahead.decode();
    } catch {
      return; // What is shown stays.
    }
    if (wanted.width <= this.shown.width) return;
    this.shown = wanted;
    this.image.src = wanted.url;
  }
}

for (const picture of document.querySelectorAll(".wall a > img[data-original], .wall a > picture > img[data-original]")) {
  const link = picture.closest("a");
  if (link.getAttribute("href") !== picture.dataset.original) continue; // It leads to a document.
  link.classList.add("closer");
  link.title = _("Look closely");
  link.setAttribute("aria-haspopup", "dialog");
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !picture.naturalWidth) return;
    event.preventDefault();
    new Closely(picture).open();
  });
}
