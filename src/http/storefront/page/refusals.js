// Why something was refused, in words, and the way out of it.

import { Problem } from "./api.js";
import * as basket from "./basket.js";
import { button, element, link, message, say, whileBusy } from "./dom.js";
import { money } from "./money.js";

// `again` draws the form with the cart as it is now, `submit` presses its button.
export function refusal(said, more, { again, submit, cart }) {
  const ways = said instanceof Problem ? WAYS[said.code] : undefined;
  if (ways !== undefined) return message("bad", ...ways(said.document, { again, submit, cart }));
  return message("bad", element("p", {}, inWords(said)), more.map((line) => element("p", {}, line)));
}

// What was refused, as one says it; who came too often is told for how long to wait.
export function inWords(said) {
  if (!(said instanceof Problem) || said.status !== 429) return said.message;
  const seconds = Math.max(1, Math.ceil(said.waitMs / 1000));
  return `That was tried too often. Try again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`;
}

const WAYS = {
  "inventory-unavailable": (problem, { again, cart }) => [
    element("p", {}, "There is not enough of everything, and nothing was held for you:"),
    element("ul", {}, problem.lines.map((line) => element("li", {}, short(line, cart)))),
    way("Take what is there", async () => {
      for (const line of problem.lines) await basket.set(line.sku, Math.max(0, line.available));
      await again();
      say("The cart now holds what is there.");
    }),
  ],
  "total-changed": (problem, { again }) => [
    element("p", {}, `The total has changed: it is ${money(problem.totals.total)} now. Nothing was charged.`),
    way("Show it", again),
  ],
  "intent-exists": (problem, { submit }) => [
    element("p", {}, "A payment was begun with other details."),
    element("p", { class: "actions" }, link("Go on with that payment", "#/pay", { class: "button" })),
    way("Cancel it and use these details", async () => {
      await basket.unlock(problem.checkout_session_id);
      setTimeout(submit); // Once this button is at rest again.
    }),
  ],
  "cart-ordered": (problem) => [
    element("p", {}, "This cart has become an order already. "),
    link("See the order", `#/orders/${problem.order_id}`),
  ],
  "cart-merged": () => ["What was in this cart lies in your account's cart now. ", link("Look at the products", "#/")],
  "cart-empty": () => ["The cart is empty. ", link("Look at the products", "#/")],
  "session-expired": (_problem, { again }) => [
    element("p", {}, "The checkout has expired, and its stock was given back."),
    way("Start again", again),
  ],
  "coupon-not-applicable": (problem) => [
    element("p", {}, `${problem.detail ?? "The coupon cannot be used."} `),
    link("Change it in the cart", "#/cart"),
  ],
  "payment-provider-unavailable": (problem) => [
    element("p", {}, `${problem.detail} Your cart is held; press the button below once more.`),
  ],
};

function short(line, cart) {
  const name = cart.items.find((item) => item.sku === line.sku)?.name ?? line.sku;
  const left = line.available <= 0 ? "sold out" : `only ${line.available} left`;
  return `${name}: you want ${line.requested}, ${left}`;
}

function way(text, work) {
  const place = element("p", { class: "actions" });
  const press = button(text, () => whileBusy(press, async () => {
    try {
      await work();
    } catch (said) {
      place.append(" ", said.message);
    }
  }));
  place.append(press);
  return place;
}
