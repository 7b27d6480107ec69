// Making elements without markup in strings: text is always text.

export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const short = (address) => `${address.slice(0, 6)}…${address.slice(-4)}`;

// Same account, however its letters are cased.
export const same = (one, other) => Boolean(one && other) && one.toLowerCase() === other.toLowerCase();

// Opens a modal dialog and settles with what it was closed with; null when it was dismissed.
// Focus goes back to the opener by the element's own rules.
export function openDialog(title, build) {
  const opener = document.activeElement;
  return new Promise((resolve) => {
    const heading = make("h2", { id: `dialog-${Math.random().toString(36).slice(2)}` }, title);
    const dialog = make("dialog", { "aria-labelledby": heading.id }, heading);
    let settled = null;
    const close = (value) => {
      settled = value;
      dialog.close();
    };
    dialog.append(build(close, dialog));
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
      resolve(settled);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

// Adds up definition rows: [[name, value], …].
export function rows(pairs) {
  return make(
    "dl",
    { class: "facts" },
    ...pairs.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]),
  );
}
