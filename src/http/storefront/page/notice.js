// The line above the page: what somebody comes back to, said on one page and gone from the next.

import { link, say } from "./dom.js";
import * as basket from "./basket.js";

const QUIET_AT = new Set(["#/pay", "#/checkout", "#/cart"]);
const place = document.getElementById("notice");

let news = null;

export function tell(...parts) {
  news = { parts, at: location.hash };
  draw();
  say(parts.map((part) => part.textContent ?? part).join(""));
}

// The page that was asked for sends to another: what was told goes with it.
export function carryTo(hash) {
  if (news !== null) news.at = hash;
}

export function draw() {
  if (news !== null && news.at !== location.hash) news = null;
  const parts = news?.parts ?? reminder();
  place.hidden = parts === null;
  place.replaceChildren(...(parts ?? []));
}

// Somebody who comes back finds what they left: a payment that is open.
function reminder() {
  const held = basket.current();
  const open = held !== null && held.checkout_session_id !== null && !QUIET_AT.has(location.hash);
  return open ? ["A payment is open. ", link("Go on with it", "#/pay")] : null;
}
