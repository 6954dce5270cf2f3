// What is known of an order or a person, name by name.

import { element } from "./dom.js";
import { moment, money } from "./money.js";

export function fact(name, value) {
  return element("div", {}, element("dt", {}, name), element("dd", {}, value));
}

export function factsOf(order) {
  return element("dl", { class: "facts" },
    fact("Status", words(order.status)), fact("Placed", moment(order.placed_at)),
    order.payment ? fact("Paid", paid(order.payment)) : null,
    order.refunded?.amount > 0 ? fact("Money back", money(order.refunded)) : null,
    fact("Shipping", order.shipping.name),
    order.fulfilments?.length > 0 ? fact("Sent as", order.fulfilments.join(", ")) : null,
    order.shipping_address ? fact("Goes to", address(order.shipping_address)) : null);
}

// A word of the API's as people write it.
export function words(status) {
  const text = status.replaceAll(/[-_]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function paid({ amount, method, razorpay_payment_id }) {
  const by = method ? ` by ${{ upi: "UPI", emi: "EMI" }[method] ?? method}` : "";
  return [`${money(amount)}${by} `, element("code", {}, razorpay_payment_id)];
}

function address({ name, line1, line2, city, state, postal_code }) {
  return [name, line1, line2, `${city} ${postal_code}`, state].filter(Boolean).join(", ");
}
