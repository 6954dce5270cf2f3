// What can be bought: every product of every page of the list.

import { Problem, get } from "./api.js";
import * as basket from "./basket.js";
import { button, element, heading, link, message, say, whileBusy } from "./dom.js";
import { money } from "./money.js";

const PAGE_LENGTH = 100;
const FEW = 5;
const HUES = 6;

export async function products() {
  const [all] = await Promise.all([everything(), basket.look().catch(() => null)]);
  const told = element("div");
  return {
    name: "products",
    title: "Products",
    content: [
      heading("Products"),
      told,
      all.length === 0 ? element("p", {}, "Nothing is for sale yet.") : null,
      element("ul", { class: "products" }, all.map((product) => card(product, told))),
    ],
  };
}

async function everything() {
  const found = [];
  for (let cursor = null; ;) {
    const from = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await get(`/products?limit=${PAGE_LENGTH}${from}`);
    found.push(...page.items);
    cursor = page.next_cursor;
    if (cursor === null || cursor === undefined) return found;
  }
}

function card(product, told) {
  const gone = product.available <= 0;
  const mine = element("span", { class: "mine" }, inCart(product));
  const put = button(["Add ", element("span", { class: "unseen" }, product.name), " to cart"], () =>
    whileBusy(put, async () => {
      await add(product, told);
      mine.textContent = inCart(product);
    }), { class: "main" });
  return element("li", { class: "card" },
    element("span", { class: `sign hue-${hue(product.sku)}`, "aria-hidden": "true" }, initial(product.name)),
    element("h2", {}, product.name),
    element("p", { class: "price" }, money(product.price)),
    element("p", { class: gone ? "stock gone" : "stock" }, stock(product.available), mine),
    gone ? null : put);
}

function stock(available) {
  if (available <= 0) return "Sold out";
  return available <= FEW ? `Only ${available} left` : "In stock";
}

function inCart(product) {
  const quantity = basket.quantityOf(product.sku);
  return quantity > 0 ? ` · ${quantity} in your cart` : "";
}

async function add(product, told) {
  try {
    await basket.add(product.sku);
    told.replaceChildren();
    say(`${product.name} is in the cart.`);
  } catch (said) {
    told.replaceChildren(refused(said));
    told.scrollIntoView({ block: "nearest" });
  }
}

export function refused(said) {
  if (said instanceof Problem && said.code === "cart-locked") {
    return message("bad", "Your cart is being checked out. ", link("Go on with the payment", "#/pay"), " or cancel it there.");
  }
  return message("bad", said.message);
}

function initial(name) {
  return [...name][0].toLocaleUpperCase();
}

// A colour that stays with the product.
function hue(sku) {
  return [...sku].reduce((sum, character) => sum + character.codePointAt(0), 0) % HUES;
}
