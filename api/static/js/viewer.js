// Works that run: models and pages, started by whoever looks at them, in a sandboxed frame of the
// media origin. What happens inside cannot reach this page; two words come out of it.

import { make } from "./dom.js";
import { _ } from "./i18n.js";

const STILL = matchMedia("(prefers-reduced-motion: reduce)");

function addressOf(start) {
  if (start.dataset.start !== "model") return start.href;
  const asked = new URLSearchParams({ model: start.href, alt: start.dataset.alt });
  if ("moves" in start.dataset && !STILL.matches) asked.set("moves", "");
  return `${start.dataset.frame}#${asked}`;
}

// Puts the work where its picture hangs; the picture comes back when it is stopped. A model takes
// its time to be drawn the first time: until it says that it is shown, its picture stays.
function run(start) {
  const stage = start.closest("[data-stage]");
  const isModel = start.dataset.start === "model";
  const frame = make("iframe", {
    src: addressOf(start),
    sandbox: isModel ? "allow-scripts" : "allow-scripts allow-pointer-lock",
    referrerpolicy: "no-referrer",
    allow: "autoplay; fullscreen 'none'; camera 'none'; microphone 'none'; geolocation 'none'",
    title: start.dataset.alt,
  });
  const stop = make("button", { class: "button plain", type: "button", onclick: () => end() }, _("Stop"));
  const fill = make("button", { class: "button plain", type: "button", onclick: () => frame.requestFullscreen() }, _("Whole screen"));
  const wait = isModel ? make("span", { class: "quiet small", role: "status", "data-wait": "" }, _("The model is being drawn …")) : null;
  const bar = make("p", { class: "stage-bar" }, stop, document.fullscreenEnabled ? fill : null, wait);
  const end = () => {
    frame.remove();
    bar.remove();
    stage.classList.remove("running", "waiting", "shown");
    start.hidden = false;
    start.focus();
  };
  start.hidden = true;
  stage.classList.add("running");
  stage.classList.toggle("waiting", isModel);
  stage.append(frame);
  stage.after(bar);
  frame.focus();
}

document.addEventListener("click", (event) => {
  const start = event.target.closest?.("a[data-start]");
  if (!start || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  run(start);
});

window.addEventListener("message", (event) => {
  const frame = [...document.querySelectorAll("[data-stage] iframe")].find((each) => each.contentWindow === event.source);
  if (!frame || typeof event.data?.stage !== "string") return;
  const stage = frame.closest("[data-stage]");
  if (["shown", "failed"].includes(event.data.stage)) {
    stage.classList.remove("waiting");
    stage.nextElementSibling?.querySelector("[data-wait]")?.remove();
  }
  if (event.data.stage === "shown") stage.classList.add("shown");
  if (event.data.stage === "failed") {
    stage.nextElementSibling?.prepend(make("span", { class: "wrong", role: "alert" }, _("The model could not be shown."), " "));
  }
});

// Asks the model in a stage for a picture of itself as it stands; settles with a PNG, or null.
export function pictureOf(place) {
  const frame = place.querySelector("[data-stage] iframe");
  if (!frame) return Promise.resolve(null);
  return new Promise((resolve) => {
    const answer = (event) => {
      if (event.source !== frame.contentWindow || event.data?.stage !== "picture") return;
      window.removeEventListener("message", answer);
      const { picture } = event.data;
      resolve(picture instanceof Blob && picture.type === "image/png" ? picture : null);
    };
    window.addEventListener("message", answer);
    frame.contentWindow.postMessage("picture", "*");
  });
}

// A short film without sound moves by itself, as a moving picture does, unless motion is unwelcome.
export function animate(place) {
  if (STILL.matches) return;
  for (const film of place.querySelectorAll("video[data-loop]")) film.play().catch(() => {});
}

animate(document);
