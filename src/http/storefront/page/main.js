// Where an address leads, and what every page has: a title, a heading that is told, and a notice of what is open.

import { account } from "./account.js";
import { Problem } from "./api.js";
import * as basket from "./basket.js";
import { cart } from "./cart.js";
import { checkout } from "./checkout.js";
import { button, element, heading, link, message } from "./dom.js";
import * as header from "./header.js";
import { find, forgotten, keep } from "./letters.js";
import * as login from "./login.js";
import * as notice from "./notice.js";
import { order, orderWithPass } from "./order.js";
import { orders } from "./orders.js";
import { pay } from "./pay.js";
import { products } from "./products.js";
import { claim, reset } from "./proofs.js";
import { open, signIn } from "./signing.js";

const ROUTES = [
  [/^$/, products],
  [/^cart$/, cart],
  [/^checkout$/, checkout],
  [/^pay$/, pay],
  [/^orders$/, orders],
  [/^orders\/(?<order_id>[\w-]+)$/, order],
  [/^login$/, signIn],
  [/^register$/, open],
  [/^account$/, account],
  [/^find$/, find],
  [/^forgotten$/, forgotten],
  [/^keep$/, keep],
  [/^order$/, orderWithPass], // This and the next two are where letters lead.
  [/^claim$/, claim],
  [/^reset$/, reset],
];
const main = document.getElementById("main");

let leave = null;
let latest = 0;
let first = true;
let asked = {}; // What a letter's link says besides the page.

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
    notice.carryTo(page.instead);
    location.replace(page.instead);
    return;
  }
  leave = page.leave ?? null;
  show(page);
}

// Takes what a letter said out of the address at once: it is nobody else's to read.
function take() {
  const [page, query] = location.hash.split("?");
  asked = Object.fromEntries(new URLSearchParams(query));
  if (query !== undefined) history.replaceState(null, "", page);
}

async function opened() {
  const path = location.hash.replace(/^#\/?/, "");
  for (const [pattern, view] of ROUTES) {
    const found = pattern.exec(path);
    if (found) return view({ ...asked, ...found.groups }).catch(broken);
  }
  return { title: "Not found", content: [heading("Not found"), element("p", {}, link("To the products", "#/"))] };
}

function broken(said) {
  if (said instanceof Problem && said.code === "unauthenticated" && login.current() === null) return { instead: "#/login" };
  return {
    title: "Something went wrong",
    content: [heading("Something went wrong"), message("bad", said.message), element("p", {}, button("Try again", go, { class: "main" }))],
  };
}

function show(page) {
  document.title = `${page.title} · Khata demo shop`;
  main.replaceChildren(...page.content.filter(Boolean));
  main.removeAttribute("aria-busy");
  header.mark(page.name);
  if (!first) {
    window.scrollTo(0, 0);
    main.querySelector("h1")?.focus({ preventScroll: true });
  }
  first = false;
  notice.draw();
  page.shown?.();
}

// A cart that was paid while nobody looked is an order by now.
async function welcome() {
  await basket.look().catch(() => null);
  const order_id = basket.placed();
  if (order_id !== null && !location.hash.startsWith("#/pay")) {
    notice.tell("Your payment arrived, and the order is placed. ", link("See the order", `#/orders/${order_id}`));
  }
}

function signedOut() {
  notice.tell("You have been signed out: this login is over. ", link("Sign in again", "#/login"));
}

function changed() {
  header.draw();
  basket.lookAfresh();
}

login.follow({ ended: signedOut, changed });
header.draw();
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener("hashchange", () => {
  take();
  go();
});
take();
await welcome();
await go();
