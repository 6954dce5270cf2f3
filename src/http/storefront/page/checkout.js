// Checkout: who and where to, how it ships, and then the payment.

import { Problem, get, post } from "./api.js";
import * as basket from "./basket.js";
import { BuyerFields } from "./buyer.js";
import { element, heading, link, say, whileBusy } from "./dom.js";
import * as memory from "./memory.js";
import { money, plus } from "./money.js";
import { openAtOnce } from "./pay.js";
import { refusal } from "./refusals.js";
import { lines, totals } from "./totals.js";

const POSTAL_CODE = /^[1-9][0-9]{5}$/;

export async function checkout() {
  const cart = await basket.look();
  if (cart === null || cart.items.length === 0) return { instead: "#/cart" };
  if (cart.checkout_session_id !== null && (await hasIntent(cart))) return { instead: "#/pay" };
  const form = new Form(cart);
  return { name: "cart", title: "Checkout", content: form.content };
}

async function hasIntent(cart) {
  try {
    return (await get(`/checkout/${cart.checkout_session_id}`, basket.secret())).payment_intent !== null;
  } catch (said) {
    if (said instanceof Problem && said.code === "session-expired") return true; // The payment page says so.
    throw said;
  }
}

class Form {
  constructor(cart) {
    this.cart = cart;
    this.choices = [];
    this.chosen = null;
    this.asked = null; // The PIN code that the choices are for.
    this.fields = new BuyerFields(() => this.findShipping());
    this.told = element("div");
    this.shipping = element("div", { id: "shipping", "aria-live": "polite" });
    this.sums = element("div");
    this.pay = element("button", { type: "submit", class: "main wide-button", id: "pay" });
    this.draw();
    this.findShipping();
  }

  get content() {
    const submit = (event) => {
      event.preventDefault();
      whileBusy(this.pay, () => this.submit());
    };
    return [
      heading("Checkout"),
      element("div", { class: "two" },
        element("form", { novalidate: true, submit },
          this.fields.nodes,
          element("fieldset", {}, element("legend", {}, "How it ships"), this.shipping),
          this.told, this.pay,
          element("p", { class: "quiet" }, "Pressing it fixes the prices and holds the stock for you while you pay.")),
        element("section", { class: "panel", "aria-labelledby": "summary" },
          element("h2", { id: "summary" }, "Your cart"),
          lines(this.cart.items), this.sums,
          element("p", {}, link("Change the cart", "#/cart")))),
    ];
  }

  get total() {
    const { shipping, total } = this.cart.totals;
    return shipping === null && this.chosen !== null ? plus(total, this.chosen.price) : total;
  }

  draw() {
    this.sums.replaceChildren(totals(this.cart.totals, this.chosen?.price, this.total));
    this.pay.textContent = this.chosen === null ? "Pay" : `Pay ${money(this.total)}`;
  }

  // The ways to ship there, as soon as there is a whole PIN code.
  async findShipping() {
    const wanted = this.fields.postalCode;
    if (wanted === this.asked) return;
    this.asked = wanted;
    if (!POSTAL_CODE.test(wanted)) {
      this.showShipping([], "Fill in the PIN code to see what it costs.");
      return;
    }
    try {
      const query = `cart_id=${this.cart.cart_id}&postal_code=${wanted}`;
      const { items } = await get(`/shipping-methods?${query}`, basket.secret());
      if (wanted === this.asked) this.showShipping(items, `Nothing in this cart ships to ${wanted}.`);
    } catch (said) {
      this.asked = null;
      this.showShipping([], said.message);
    }
  }

  showShipping(choices, otherwise) {
    this.choices = choices;
    this.chosen = choices.find((choice) => choice.code === this.chosen?.code) ?? choices[0] ?? null;
    this.shipping.replaceChildren(...(choices.length === 0
      ? [element("p", { class: "quiet" }, otherwise)] : choices.map((choice) => this.radio(choice))));
    this.draw();
  }

  radio(choice) {
    const choose = () => {
      this.chosen = choice;
      this.draw();
    };
    const input = element("input", { type: "radio", name: "shipping_method", value: choice.code, change: choose });
    input.checked = choice.code === this.chosen.code;
    return element("label", { class: "choice" }, input, element("span", {}, choice.name),
      element("span", { class: "amount" }, choice.price.amount === 0 ? "free" : money(choice.price)));
  }

  async submit() {
    this.told.replaceChildren();
    if (this.fields.check().any) {
      say("Some fields need another look.");
      return;
    }
    try {
      await this.order();
    } catch (said) {
      await this.refused(said);
    }
  }

  async order() {
    const body = { cart_id: this.cart.cart_id, ...this.fields.body };
    if (this.chosen !== null) {
      body.shipping_method = this.chosen.code;
      body.expected_total = this.total;
    }
    const session = await post("pay", "/orders", body, basket.secret());
    memory.keepSession(session.checkout_session_id);
    if (session.order_id !== null) {
      await basket.settle(session.order_id);
      location.hash = `#/orders/${session.order_id}`;
      return;
    }
    openAtOnce();
    location.hash = "#/pay";
  }

  async refused(said) {
    if (said instanceof Problem && said.code === "validation") {
      const { others } = this.fields.show(said.document.errors ?? []);
      if (others.length > 0) this.tell(said, others.map(({ field, message }) => `${field} ${message}`));
      else say("Some fields need another look.");
      return;
    }
    this.tell(said);
  }

  // Says why not, with what can be done about it; whatever was typed stays where it is.
  tell(said, more = []) {
    const again = async () => {
      const cart = await basket.look();
      if (cart === null || cart.items.length === 0) location.hash = "#/cart";
      else this.renew(cart);
    };
    this.told.replaceChildren(refusal(said, more, { again, submit: () => this.pay.click(), cart: this.cart }));
    this.told.scrollIntoView({ block: "nearest" });
  }

  renew(cart) {
    this.cart = cart;
    this.asked = null;
    document.querySelector(".panel .lines").replaceWith(lines(cart.items));
    this.told.replaceChildren();
    this.findShipping();
    this.draw();
    this.pay.focus();
  }
}
