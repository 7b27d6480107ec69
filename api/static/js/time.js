// The present as the server told it with the page: a device's own clock may be wrong, and a test
// chain's may be set forward.

const told = Number(document.body.dataset.now);

export const present = () => new Date(told + performance.now());

export const rfc = (date) => date.toISOString().replace(/\.\d+Z$/, "Z");

// So many milliseconds from now, as the API takes it.
export const after = (ms) => rfc(new Date(present().getTime() + ms));
