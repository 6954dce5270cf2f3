// Where an address leads, and what every page has: a title, a heading that is told, and a notice of what is open.

import { cart } from "./cart.js";
import * as basket from "./basket.js";
import { checkout } from "./checkout.js";
import { button, element, heading, link, message } from "./dom.js";
import * as memory from "./memory.js";
import { order } from "./order.js";
import { orders } from "./orders.js";
import { pay } from "./pay.js";
import { products } from "./products.js";

const ROUTES = [
  [/^\/?$/, products],
  [/^\/cart$/, cart],
  [/^\/checkout$/, checkout],
  [/^\/pay$/, pay],
  [/^\/orders$/, orders],
  [/^\/orders\/(?<order_id>[\w-]+)$/, order],
];
const QUIET_AT = new Set(["#/pay", "#/checkout", "#/cart"]);
const main = document.getElementById("main");
const notice = document.getElementById("notice");

let leave = null;
let latest = 0;
let first = true;

async function go() {
  const turn = (latest += 1);
  leave?.();
  leave = null;
  main.setAttribute("aria-busy", "true");
  const page = await opened();
  if (turn !== latest) {
    page.leave?.();
    return;
  }
  if (page.instead) {
    location.replace(page.instead);
    return;
  }
  leave = page.leave ?? null;
  show(page);
}

async function opened() {
  const path = location.hash.replace(/^#/, "");
  for (const [pattern, view] of ROUTES) {
    const found = pattern.exec(path);
    if (found) return view(found.groups ?? {}).catch(broken);
  }
  return { title: "Not found", content: [heading("Not found"), element("p", {}, link("To the products", "#/"))] };
}

function broken(said) {
  return {
    title: "Something went wrong",
    content: [heading("Something went wrong"), message("bad", said.message), element("p", {}, button("Try again", go, { class: "main" }))],
  };
}

function show(page) {
  document.title = `${page.title} · Khata demo shop`;
  main.replaceChildren(...page.content.filter(Boolean));
  main.removeAttribute("aria-busy");
  for (const each of document.querySelectorAll("nav a")) {
    if (each.dataset.at === page.name) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  }
  if (!first) {
    window.scrollTo(0, 0);
    main.querySelector("h1")?.focus({ preventScroll: true });
  }
  first = false;
  remind();
  page.shown?.();
}

// Somebody who comes back finds what they left: a payment that is open.
function remind() {
  const held = basket.current();
  const open = held !== null && held.checkout_session_id !== null && !QUIET_AT.has(location.hash);
  notice.hidden = !open;
  notice.replaceChildren(...(open ? ["A payment is open. ", link("Go on with it", "#/pay")] : []));
}

// A cart that was paid while nobody looked is an order by now.
async function welcome() {
  const before = memory.orders().length;
  await basket.look().catch(() => null);
  const [newest] = memory.orders();
  if (memory.orders().length > before && !location.hash.startsWith("#/pay")) {
    notice.hidden = false;
    notice.replaceChildren("Your payment arrived, and the order is placed. ", link("See the order", `#/orders/${newest.order_id}`));
  }
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener("hashchange", go);
await welcome();
const told = notice.hidden ? null : [...notice.childNodes];
await go();
if (told !== null && notice.hidden) {
  notice.hidden = false;
  notice.replaceChildren(...told);
}
