// Watches a checkout session live. EventSource cannot say whose cart it is, so the stream is read by fetch.

import { pause, whose } from "./api.js";

const WAIT_MS = 500;
const WAIT_MS_MAX = 10_000;
const NEVER_OURS = new Set([401, 403, 404, 410]);

// Calls `tell(name, position)` for each fact, from the first on; returns what ends the watching.
export function watch(path, secret, tell) {
  const end = new AbortController();
  follow(path, secret, tell, end.signal);
  return () => end.abort();
}

async function follow(path, secret, tell, signal) {
  let last = "";
  let wait = WAIT_MS;
  while (!signal.aborted) {
    try {
      const headers = { accept: "text/event-stream", ...(await whose(secret)) };
      if (last) headers["last-event-id"] = last;
      const response = await fetch(path, { headers, signal, cache: "no-store" });
      if (NEVER_OURS.has(response.status)) return;
      if (response.ok) {
        wait = WAIT_MS;
        await read(response.body, (fact) => {
          last = fact.id || last;
          tell(fact.event, last);
        });
      }
    } catch {
      if (signal.aborted) return; // Otherwise the line broke: go on where it did.
    }
    await pause(wait);
    wait = Math.min(wait * 2, WAIT_MS_MAX);
  }
}

async function read(body, tell) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let fact = {};
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (fact.event) tell(fact);
        fact = {};
      } else if (!line.startsWith(":")) {
        const [, name, said] = /^([^:]*):? ?(.*)$/.exec(line);
        fact[name] = said;
      }
    }
  }
}
