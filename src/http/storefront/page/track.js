// The states of a checkout, as a track that one walks along.

import { element } from "./dom.js";

const STATES = [
  ["CART_PENDING", "In the cart"],
  ["CHECKOUT_STARTED", "Checkout started"],
  ["PAYMENT_PENDING", "Waiting for payment"],
  ["PAYMENT_CONFIRMED", "Payment confirmed"],
  ["ORDER_CREATED", "Order created"],
];
export const LAST = "ORDER_CREATED";

// What a fact of the live stream means for the state.
export const STATE_AFTER = {
  CheckoutStarted: "CHECKOUT_STARTED",
  PaymentIntentRequested: "CHECKOUT_STARTED",
  PaymentIntentCreated: "PAYMENT_PENDING",
  PaymentWaived: "PAYMENT_CONFIRMED",
  PaymentConfirmed: "PAYMENT_CONFIRMED",
  OrderCreated: "ORDER_CREATED",
  CheckoutFailed: "CART_PENDING",
  CheckoutCancelled: "CART_PENDING",
  CheckoutExpired: "CART_PENDING",
  CheckoutSuperseded: "CART_PENDING",
};

export function track(state) {
  const at = STATES.findIndex(([name]) => name === state);
  return element("ol", { class: "track", "aria-label": "State of the checkout" }, STATES.map(([name, words], index) => {
    const done = index < at || state === LAST;
    const kind = done ? "done" : index === at ? "now" : "later";
    return element("li", { class: kind, "aria-current": index === at ? "step" : false },
      element("span", { class: "words" }, words, element("span", { class: "unseen" }, done ? ", done" : "")),
      element("code", {}, name));
  }));
}

export function wordsFor(state) {
  return STATES.find(([name]) => name === state)?.[1] ?? state;
}
