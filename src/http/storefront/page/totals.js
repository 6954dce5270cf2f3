// Lines and sums, as the API gives them.

import { element } from "./dom.js";
import { money } from "./money.js";

export function totals(sums, shipping = sums.shipping, total = sums.total) {
  const rows = [["Subtotal", sums.subtotal]];
  if (sums.discount.amount > 0) rows.push(["Discount", { ...sums.discount, amount: -sums.discount.amount }]);
  if (shipping) rows.push(["Shipping", shipping]);
  const named = shipping ? "Total" : "Total before shipping";
  return element("dl", { class: "totals" },
    [...rows.map(([name, sum]) => row(name, sum)), row(named, total, "sum")]);
}

function row(name, sum, kind = "") {
  return element("div", { class: kind }, element("dt", {}, name), element("dd", {}, money(sum)));
}

export function lines(items) {
  return element("ul", { class: "lines" }, items.map((line) =>
    element("li", {},
      element("span", {}, `${line.quantity} × ${line.name}`),
      element("span", { class: "amount" }, money(line.line_total)))));
}
