// One order: its lines, its payment, what came back of it, and how it came to be.

import { get, post } from "./api.js";
import * as basket from "./basket.js";
import { button, element, heading, link, message, redraw, say, whileBusy } from "./dom.js";
import { factsOf, words } from "./facts.js";
import { offerToKeep } from "./letters.js";
import * as login from "./login.js";
import * as memory from "./memory.js";
import { clock, money } from "./money.js";
import { lines, totals } from "./totals.js";
import { LAST, track } from "./track.js";

const PLACED = "placed";
const NEW_SECONDS = 120;
const LOOK_MS = 3_000;
const LOOKS_MAX = 20;
const REFUND = {
  requested: "Asked for", pending: "On its way", processed: "Paid back", failed: "Failed; the shop looks into it",
  refused: "Refused; the shop looks into it", dropped: "Not needed any more",
};
const UNDER_WAY = new Set(["requested", "pending"]);

export async function order({ order_id }) {
  await basket.look().catch(() => null); // A cart that has become this order is known by it from now on.
  const secret = memory.order(order_id)?.secret ?? memory.pass(order_id);
  if (secret === null && login.current() === null) return unknown();
  const page = new Order(order_id, secret);
  try {
    await page.look();
  } catch (said) {
    if (basket.isGone(said)) return unknown(memory.order(order_id) && order_id);
    throw said;
  }
  return {
    name: "orders", title: `Order ${page.order.order_number}`, content: page.content,
    shown: () => page.follow(), leave: () => clearTimeout(page.timer),
  };
}

// Where a letter leads: its pass opens this order until it is too old.
export async function orderWithPass({ order_id, pass }) {
  if (!order_id || !pass) return { instead: "#/find" };
  memory.keepPass(order_id, pass);
  return { instead: `#/orders/${encodeURIComponent(order_id)}` };
}

function unknown(order_id) {
  const place = element("p", { class: "actions" },
    link("My orders", "#/orders", { class: "button" }), link("Find my order", "#/find", { class: "button" }));
  if (order_id) {
    place.append(button("Forget it", () => {
      memory.forgetOrder(order_id);
      location.hash = "#/orders";
    }));
  }
  return {
    name: "orders", title: "Order not found",
    content: [heading("Order not found"), element("p", {}, "This shop knows no such order of yours. What a guest bought is opened by the browser that bought it, or by a letter, for a day."), place],
  };
}

class Order {
  constructor(order_id, secret) {
    this.path = `/orders/${order_id}`;
    this.secret = secret;
    this.told = element("div");
    this.place = element("div");
  }

  get content() {
    this.draw();
    return [heading(`Order ${this.order.order_number}`), this.told, this.place];
  }

  // A guest's order can come into an account; what was typed or sent there stays when the rest is drawn anew.
  get keeping() {
    if (!this.order.guest || !this.order.contact || login.current() !== null) return null;
    this.offer ??= offerToKeep(this.order.contact.email);
    return this.offer;
  }

  async look() {
    const [found, { items }] = await Promise.all([get(this.path, this.secret), get(`${this.path}/timeline`, this.secret)]);
    this.order = found;
    this.timeline = items;
    if (memory.order(found.order_id) === null) return;
    memory.keepOrder({
      order_id: found.order_id, order_number: found.order_number, placed_at: found.placed_at, total: found.totals.total,
    });
  }

  draw() {
    const { order } = this;
    const fresh = Date.now() - Date.parse(order.placed_at) < NEW_SECONDS * 1000;
    redraw(this.place, [
      order.status === PLACED && fresh ? message("good", "Thank you. It is paid, and the order is placed.") : null,
      order.status === PLACED ? track(LAST) : null,
      element("div", { class: "two" },
        element("div", {},
          factsOf(order),
          element("h2", {}, "What you bought"), lines(order.items), totals(order.totals),
          this.refunds(),
          this.actions(),
          this.keeping),
        element("section", { class: "panel", "aria-labelledby": "story" },
          element("h2", { id: "story" }, "How it came to be"), this.story())),
    ]);
  }

  // Money that is on its way back arrives by itself; look for it for a while.
  follow(looks = 1) {
    clearTimeout(this.timer);
    const waits = (this.order.refunds ?? []).some((refund) => UNDER_WAY.has(refund.status));
    if (!waits || looks > LOOKS_MAX) return;
    this.timer = setTimeout(async () => {
      await this.look().then(() => this.draw(), () => null);
      this.follow(looks + 1);
    }, LOOK_MS);
  }

  refunds() {
    const refunds = this.order.refunds ?? [];
    if (refunds.length === 0) return null;
    return element("section", { "aria-labelledby": "refunds" },
      element("h2", { id: "refunds" }, "Money back"),
      element("ul", { class: "lines" }, refunds.map((refund) => element("li", {},
        element("span", {}, `${REFUND[refund.status] ?? words(refund.status)} `, refund.razorpay_refund_id ? element("code", {}, refund.razorpay_refund_id) : null),
        element("span", { class: "amount" }, money(refund.amount))))));
  }

  actions() {
    const again = button("Buy again", () => whileBusy(again, () => this.buyAgain()), { id: "again", class: "main" });
    const cancel = button("Cancel this order", () => whileBusy(cancel, () => this.cancel()), { id: "cancel-order" });
    return element("p", { class: "actions" }, again, this.order.status === PLACED ? cancel : null);
  }

  story() {
    return element("ol", { class: "story" }, this.timeline.map((told) => element("li", {},
      element("time", { datetime: told.recorded_at }, clock(told.recorded_at)), " ", element("span", {}, told.text))));
  }

  async cancel() {
    try {
      await post("cancel-order", `${this.path}/cancel`, {}, this.secret);
      await this.look();
      this.tell("plain", this.order.payment ? "The order is cancelled, and the money is on its way back." : "The order is cancelled.");
    } catch (said) {
      this.tell("bad", said.message);
      await this.look().catch(() => null); // A parcel may have left meanwhile.
    }
    this.draw();
    this.follow();
  }

  async buyAgain() {
    try {
      for (const line of this.order.items) await basket.add(line.sku, line.quantity);
      say("The same things are in the cart.");
      location.hash = "#/cart";
    } catch (said) {
      this.tell("bad", said.message);
    }
  }

  tell(mood, text) {
    this.told.replaceChildren(message(mood, text));
    this.told.scrollIntoView({ block: "nearest" });
  }
}
