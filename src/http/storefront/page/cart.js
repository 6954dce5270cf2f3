// The cart: how many of what, the coupon, and what it comes to.

import { Problem } from "./api.js";
import * as basket from "./basket.js";
import { button, element, heading, link, message, redraw, say, whileBusy } from "./dom.js";
import * as login from "./login.js";
import { money } from "./money.js";
import { refused } from "./products.js";
import { lines, totals } from "./totals.js";

export async function cart() {
  await basket.look();
  const told = element("div");
  const place = element("div");
  draw(place, told);
  const title = login.current() === null ? "Cart" : "My cart";
  return { name: "cart", title, content: [heading(title), told, place] };
}

function draw(place, told) {
  const held = basket.current();
  if (held === null || held.items.length === 0) redraw(place, empty());
  else if (held.state === "CART_PENDING") redraw(place, open(held, place, told));
  else redraw(place, locked(held, place, told));
}

function empty() {
  return [element("p", {}, "The cart is empty."), element("p", {}, link("Look at the products", "#/", { class: "button main" }))];
}

function locked(held, place, told) {
  const cancel = button("Cancel the checkout", () => whileBusy(cancel, () =>
    change(place, told, () => basket.unlock(held.checkout_session_id), () => "The cart can be changed again.")));
  return [
    message("plain", "This cart is being checked out: prices are fixed and its stock is held for you."),
    lines(held.items),
    totals(held.totals),
    element("p", { class: "actions" }, link("Go on with the payment", "#/pay", { class: "button main" }), cancel),
  ];
}

function open(held, place, told) {
  return [
    element("ul", { class: "cart" }, held.items.map((line) => item(line, place, told))),
    coupon(held, place, told),
    totals(held.totals),
    element("p", { class: "actions" }, link("Check out", "#/checkout", { class: "button main" })),
  ];
}

function item(line, place, told) {
  const id = line.sku.replaceAll(".", "_");
  const done = () => {
    const quantity = basket.quantityOf(line.sku);
    return quantity === 0 ? `${line.name} is out of the cart` : `${line.name}: ${quantity} in the cart`;
  };
  const step = (by) => change(place, told, () => basket.step(line.sku, by), done);
  const set = (quantity) => {
    if (!Number.isInteger(quantity) || quantity < 0) return draw(place, told);
    return change(place, told, () => basket.set(line.sku, Math.min(quantity, basket.QUANTITY_MAX)), done);
  };
  return element("li", {},
    element("div", { class: "what" },
      element("h2", {}, line.name),
      element("p", { class: "quiet" }, `${money(line.unit_price)} each`)),
    element("div", { class: "how-many" },
      button("−", () => step(-1), { id: `less-${id}`, "aria-label": `One ${line.name} less` }),
      element("input", {
        id: `quantity-${id}`, type: "number", min: "0", max: String(basket.QUANTITY_MAX), inputmode: "numeric",
        value: String(line.quantity), "aria-label": `Quantity of ${line.name}`,
        change: (event) => set(event.target.valueAsNumber),
      }),
      button("+", () => step(1), {
        id: `more-${id}`, "aria-label": `One ${line.name} more`, disabled: line.quantity >= basket.QUANTITY_MAX,
      })),
    element("p", { class: "amount" }, money(line.line_total)),
    button("Remove", () => set(0), { class: "plain", "aria-label": `Remove ${line.name}` }));
}

function coupon(held, place, told) {
  if (held.coupon !== null) {
    return element("p", { class: "coupon" }, "Coupon ", element("strong", {}, held.coupon), " ",
      button("Remove coupon", () => change(place, told, basket.useNoCoupon, () => "The coupon is removed."), { class: "plain" }));
  }
  const wrong = element("p", { class: "wrong", id: "coupon-wrong" });
  const code = element("input", {
    id: "coupon", autocomplete: "off", autocapitalize: "characters", "aria-describedby": "coupon-wrong",
  });
  const apply = async (event) => {
    event.preventDefault();
    wrong.textContent = "";
    if (code.value.trim() === "") return;
    try {
      await basket.useCoupon(code.value.trim());
      say("The coupon is applied.");
      draw(place, told);
    } catch (said) {
      wrong.textContent = words(said);
      code.setAttribute("aria-invalid", "true");
      code.focus();
    }
  };
  return element("form", { class: "coupon", novalidate: true, submit: apply },
    element("label", { for: "coupon" }, "Coupon"),
    element("span", { class: "row" }, code, element("button", { type: "submit" }, "Apply")),
    wrong);
}

function words(said) {
  const errors = said instanceof Problem ? said.document.errors : undefined;
  return errors?.length ? `The code ${errors[0].message}` : said.message;
}

async function change(place, told, work, done) {
  try {
    await work();
    told.replaceChildren();
    say(done());
  } catch (said) {
    told.replaceChildren(refused(said));
    await basket.look().catch(() => null);
  }
  draw(place, told);
}
