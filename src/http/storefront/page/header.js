// What the head of every page says of whoever is there: their name, and whose the cart is.

import * as login from "./login.js";

const who = document.getElementById("who");
const cart = document.getElementById("cart-name");

export function draw() {
  const person = login.current();
  who.textContent = person === null ? "Sign in" : person.name;
  who.setAttribute("href", person === null ? "#/login" : "#/account");
  who.dataset.at = person === null ? "login" : "account";
  if (person === null) who.removeAttribute("aria-label");
  else who.setAttribute("aria-label", `${person.name}: your account`);
  cart.textContent = person === null ? "Cart" : "My cart";
}

// Says which page of the list one is at.
export function mark(name) {
  for (const each of document.querySelectorAll("nav a")) {
    if (each.dataset.at === name) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  }
}
