// The orders that were bought in this browser; guests have no other list.

import * as basket from "./basket.js";
import { element, heading, link } from "./dom.js";
import * as memory from "./memory.js";
import { moment, money } from "./money.js";

export async function orders() {
  await basket.look().catch(() => null);
  const mine = memory.orders();
  return { name: "orders", title: "My orders", content: [heading("My orders"), ...(mine.length === 0 ? none() : list(mine))] };
}

function none() {
  return [element("p", {}, "Nothing was bought in this browser yet."), element("p", {}, link("Look at the products", "#/", { class: "button main" }))];
}

function list(mine) {
  return [
    element("ul", { class: "orders" }, mine.map((order) => element("li", {},
      link(order.order_number ? `Order ${order.order_number}` : "Order just placed", `#/orders/${order.order_id}`),
      element("span", { class: "quiet" }, order.placed_at ? moment(order.placed_at) : ""),
      element("span", { class: "amount" }, order.total ? money(order.total) : "")))),
    element("p", { class: "quiet" }, "They are remembered here, in this browser alone."),
  ];
}
