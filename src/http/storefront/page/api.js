// Calls the API: repeats what is safe to repeat, and turns every refusal into a Problem.

import { forgetWish, wishKey } from "./memory.js";

const TRIES_MAX = 4;
const WAIT_MS = 400;
const WAIT_MS_MAX = 5_000;
const ANSWER_MS_MAX = 60_000;
const LATER = new Set(["request-in-progress", "rate-limited", "busy", "outcome-unknown", "read-model-behind"]);

let speaker = { token: async () => null, renew: async () => {} }; // Who has signed in, if somebody has.
let ahead = 0; // So many milliseconds is the shop's clock ahead of ours.

// Their details go on from their titles, and say nothing without them.
const TITLED = new Set(["invalid-credentials", "unauthenticated", "forbidden", "idempotency-key-reused"]);

// A refusal as RFC 9457 has it.
export class Problem extends Error {
  constructor(status, document, waitMs) {
    super(sentence(document) || `The shop answered ${status}.`);
    this.status = status;
    this.code = document.code || "unknown";
    this.document = document;
    this.waitMs = waitMs;
  }

  // Whether the shop has decided; otherwise the same question is asked again with the same key.
  get isFinal() {
    return this.status < 500 && !LATER.has(this.code);
  }
}

function sentence({ code, title, detail }) {
  return title && detail && TITLED.has(code) ? `${title}. ${detail}` : detail || title;
}

export class Unreachable extends Error {
  constructor() {
    super("The shop cannot be reached. Nothing is lost: try again.");
  }
}

// From now on every call says whose it is, as far as `speaker` has a token.
export function speakAs(given) {
  speaker = given;
}

export function shopTime() {
  return Date.now() + ahead;
}

export function get(path, secret) {
  return call("GET", path, { secret });
}

export function put(path, body, secret) {
  return call("PUT", path, { body, secret });
}

export function remove(path, secret) {
  return call("DELETE", path, { secret });
}

// One intention, by its name: repeated with the same key until the shop has decided.
export async function post(wish, path, body, secret) {
  const key = wishKey(wish, [path, body]);
  try {
    const answer = await call("POST", path, { body, secret, key });
    forgetWish(wish);
    return answer;
  } catch (said) {
    if (said instanceof Problem && said.isFinal) forgetWish(wish);
    throw said;
  }
}

// Asked once and by nobody in particular: what a form sends that is about getting in.
export function ask(path, body, secret) {
  return answered("POST", path, { body, secret }, null);
}

// What says whose a request is: the cart's secret, and the token of whoever has signed in.
export async function whose(secret) {
  return named(secret, await speaker.token());
}

async function call(method, path, asked) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await once(method, path, asked);
    } catch (said) {
      if (tries >= TRIES_MAX || !mayRepeat(said)) throw said;
      await pause(Math.min(said.waitMs || WAIT_MS * 2 ** tries, WAIT_MS_MAX));
    }
  }
}

function mayRepeat(said) {
  return said instanceof Unreachable || (said instanceof Problem && LATER.has(said.code));
}

async function once(method, path, asked) {
  const token = await speaker.token();
  try {
    return await answered(method, path, asked, token);
  } catch (said) {
    if (token === null || !(said instanceof Problem && said.code === "unauthenticated")) throw said;
    await speaker.renew();
    return answered(method, path, asked, await speaker.token());
  }
}

function named(secret, token) {
  const headers = {};
  if (secret) headers["x-session-id"] = secret;
  if (token) headers.authorization = `Bearer ${token}`;
  return headers;
}

async function answered(method, path, { body, secret, key }, token) {
  const headers = { accept: "application/json", ...named(secret, token) };
  if (key) headers["idempotency-key"] = key;
  if (body !== undefined) headers["content-type"] = "application/json";
  let response, text;
  try {
    response = await fetch(path, {
      method,
      headers,
      cache: "no-store",
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    text = await response.text();
  } catch {
    throw new Unreachable();
  }
  learnTime(response.headers.get("date"));
  const document = parsed(text);
  if (response.ok) return document;
  const seconds = Number(response.headers.get("retry-after"));
  throw new Problem(response.status, document, seconds > 0 ? seconds * 1000 : 0);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function learnTime(date) {
  const then = Date.parse(date ?? "");
  if (!Number.isNaN(then) && Math.abs(then - Date.now()) > 2_000) ahead = then - Date.now();
}

export function pause(milliseconds) {
  return new Promise((done) => { setTimeout(done, milliseconds); });
}
