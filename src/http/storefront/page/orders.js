// The orders of an account, and those that were bought in this browser; guests have no other list.

import { get } from "./api.js";
import * as basket from "./basket.js";
import { button, element, heading, link, message, whileBusy } from "./dom.js";
import { words } from "./facts.js";
import * as login from "./login.js";
import * as memory from "./memory.js";
import { moment, money } from "./money.js";
import { inWords } from "./refusals.js";

const PAGE_LENGTH = 20;

export async function orders() {
  await basket.look().catch(() => null);
  const content = login.current() === null ? guests(memory.orders()) : await accounts();
  return { name: "orders", title: "My orders", content: [heading("My orders"), ...content] };
}

function guests(mine) {
  const ways = element("p", {}, link("Find an order by its number", "#/find"), " · ", link("See all your orders", "#/keep"), " · ", link("Sign in", "#/login"));
  if (mine.length === 0) {
    return [element("p", {}, "Nothing was bought in this browser yet."), products(), ways];
  }
  return [
    element("ul", { class: "orders" }, mine.map(row)),
    element("p", { class: "quiet" }, "They are remembered here, in this browser alone."), ways,
  ];
}

async function accounts() {
  const { items, next_cursor } = await page();
  const list = element("ul", { class: "orders", id: "of-account" }, items.map(row));
  const listed = new Set(items.map((order) => order.order_id));
  const others = next_cursor === null ? memory.orders().filter((order) => !listed.has(order.order_id)) : [];
  return [
    ...(items.length === 0 ? [element("p", {}, "Nothing was bought with this account yet."), products()] : [list]),
    next_cursor === null ? null : further(list, next_cursor),
    ...(others.length === 0 ? [] : asGuest(others)),
  ];
}

function page(cursor = null) {
  return get(`/orders?limit=${PAGE_LENGTH}${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`);
}

function further(list, from) {
  let cursor = from;
  const place = element("div", { class: "actions" });
  const press = button("Show more", () => whileBusy(press, async () => {
    try {
      const { items, next_cursor } = await page(cursor);
      const rows = items.map(row);
      list.append(...rows);
      cursor = next_cursor;
      rows[0]?.querySelector("a").focus();
      if (cursor === null) place.remove();
    } catch (said) {
      place.append(message("bad", inWords(said)));
    }
  }));
  place.append(press);
  return place;
}

function asGuest(others) {
  return [
    element("h2", {}, "Bought in this browser as a guest"),
    element("ul", { class: "orders" }, others.map(row)),
    element("p", {}, link("Bring them into an account", "#/keep")),
  ];
}

function row(order) {
  const total = order.total ?? order.totals?.total;
  return element("li", {},
    link(order.order_number ? `Order ${order.order_number}` : "Order just placed", `#/orders/${order.order_id}`),
    element("span", { class: "quiet" }, order.placed_at ? moment(order.placed_at) : ""),
    order.status ? element("span", { class: "quiet" }, words(order.status)) : null,
    element("span", { class: "amount" }, total ? money(total) : ""));
}

function products() {
  return element("p", {}, link("Look at the products", "#/", { class: "button main" }));
}
