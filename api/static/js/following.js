// What the server says of uploads as they move: one stream for all that this page waits for.

const AGAIN_MS = 2000;
const followed = new Map();
let source = null;
let again = null;

function connect() {
  clearTimeout(again);
  source?.close();
  source = null;
  if (!followed.size) return;
  const query = [...followed.keys()].map((id) => `id=${encodeURIComponent(id)}`).join("&");
  source = new EventSource(`/api/uploads/events?${query}`);
  source.addEventListener("upload", (event) => {
    const found = JSON.parse(event.data);
    followed.get(found.id)?.(found);
  });
  source.addEventListener("gone", (event) => {
    const { id } = JSON.parse(event.data);
    followed.get(id)?.(null);
  });
  // The browser connects again by itself, except after an answer that is no stream.
  source.addEventListener("error", () => {
    if (source?.readyState === EventSource.CLOSED) again = setTimeout(connect, AGAIN_MS);
  });
}

// Calls `tell` with the upload now and whenever it moved, null once it is gone, until it answers true.
export function follow(id, tell) {
  followed.set(id, (found) => {
    if (!tell(found)) return;
    followed.delete(id);
    if (!followed.size) connect();
  });
  connect();
}

export function unfollow(id) {
  if (followed.delete(id)) connect();
}
