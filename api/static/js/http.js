// Talking to our own API: JSON both ways, problems as errors that carry their code.

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || String(status));
    this.status = status;
    this.code = body.code || "";
    this.body = body;
  }
}

export async function ask(method, path, body) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method === "POST") headers["Idempotency-Key"] = crypto.randomUUID();
  const answer = await fetch(path, {
    method,
    headers,
    credentials: "same-origin",
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.status === 204) return null;
  const text = await answer.text();
  let found = {};
  try {
    found = text ? JSON.parse(text) : {};
  } catch {
    found = { detail: text.slice(0, 200) };
  }
  if (!answer.ok) throw new Problem(answer.status, found);
  return found;
}

// The path of one of our links, whatever host it was written for.
export const pathOf = (url) => new URL(url, location.origin).pathname;
