// The cart of this browser: found again, filled, and given up when it has become an order.

import { Problem, get, post, put, remove } from "./api.js";
import * as login from "./login.js";
import * as memory from "./memory.js";

export const QUANTITY_MAX = 999;

let held = null; // The cart as the shop showed it last.
let asked = false; // Whether the shop was asked which cart is the account's.
let became = null;
let turn = Promise.resolve();

export function current() {
  return held;
}

// Looks at the cart; null when there is none. One that became an order is let go of.
export async function look() {
  const found = await remembered();
  if (login.current() === null || (found !== null && found.state !== "CART_PENDING")) return show(found);
  return show(await own(found));
}

// The next look asks for the account's cart again.
export function lookAfresh() {
  asked = false;
}

// The shop has just said that the account has no cart.
export function expectNone() {
  asked = true;
}

// The order that this page has seen the cart become.
export function placed() {
  return became;
}

async function remembered() {
  const mine = memory.cart();
  if (mine === null) return null;
  try {
    const cart = await get(`/carts/${mine.cart_id}`, mine.secret);
    if (cart.merged_into === undefined && cart.order_id === null) return cart;
    if (cart.merged_into === undefined) await settle(cart.order_id);
    else memory.forgetCart(mine.cart_id); // It went into an account's cart.
    return null;
  } catch (said) {
    if (!isGone(said)) throw said;
    memory.forgetCart(mine.cart_id);
    return null;
  }
}

// The account's cart; a guest's that could not come along at once comes now.
async function own(found) {
  try {
    if (found !== null && secret()) return adopt(await post("bring", "/customers/me/cart", { cart_id: found.cart_id }, secret()));
    if (asked) return found;
    asked = true;
    return adopt(await get("/customers/me/cart"));
  } catch (said) {
    if (said instanceof Problem && said.isFinal) return found;
    throw said;
  }
}

function adopt(cart) {
  memory.keepCart(cart.cart_id);
  return cart;
}

// The cart has become an order: lets go of the cart. A guest's order is remembered; an account has a list.
export async function settle(order_id) {
  const mine = memory.cart();
  if (mine === null) return;
  became = order_id;
  asked = false;
  if (mine.secret) memory.keepOrder({ order_id, cart_id: mine.cart_id, secret: mine.secret });
  memory.forgetCart(mine.cart_id);
  show(null);
  if (!mine.secret) return;
  const order = await get(`/orders/${order_id}`, mine.secret);
  memory.keepOrder({
    order_id, order_number: order.order_number, placed_at: order.placed_at, total: order.totals.total,
  });
}

// Changes follow each other, so that two quick presses are two units.
export function inTurn(work) {
  turn = turn.then(work, work);
  return turn;
}

export function add(sku, quantity = 1) {
  return inTurn(async () => {
    const cart = (await look()) ?? (await open());
    return show(await put(itemPath(cart, sku), { quantity: quantityOf(sku) + quantity }, secret()));
  });
}

// So many more of what is in the cart, or less; counted when its turn comes, and not when it was pressed.
export function step(sku, by) {
  return inTurn(async () => {
    const quantity = Math.min(Math.max(quantityOf(sku) + by, 0), QUANTITY_MAX);
    return show(await put(itemPath(held, sku), { quantity }, secret()));
  });
}

export function set(sku, quantity) {
  return inTurn(async () => show(await put(itemPath(held, sku), { quantity }, secret())));
}

export function useCoupon(code) {
  return inTurn(async () => show(await put(`/carts/${held.cart_id}/coupon`, { code }, secret())));
}

export function useNoCoupon() {
  return inTurn(async () => show(await remove(`/carts/${held.cart_id}/coupon`, secret())));
}

// Gives the checkout up, so that the cart can be changed again.
export async function unlock(checkout_session_id) {
  const session = await post("cancel", `/checkout/${checkout_session_id}/cancel`, {}, secret());
  await look();
  return session;
}

export function quantityOf(sku) {
  return held?.items.find((line) => line.sku === sku)?.quantity ?? 0;
}

export function secret() {
  return memory.cart()?.secret;
}

export function isGone(said) {
  return said instanceof Problem && (said.status === 404 || said.status === 401);
}

async function open() {
  const cart = await post("open-cart", "/carts", {});
  memory.keepCart(cart.cart_id, cart.session_id);
  return show(cart);
}

function itemPath(cart, sku) {
  return `/carts/${cart.cart_id}/items/${encodeURIComponent(sku)}`;
}

function show(cart) {
  held = cart;
  const units = (cart?.items ?? []).reduce((sum, line) => sum + line.quantity, 0);
  const count = document.getElementById("count");
  count.hidden = units === 0;
  count.replaceChildren(String(units), unseen(units === 1 ? " unit" : " units"));
  return cart;
}

function unseen(text) {
  const made = document.createElement("span");
  made.className = "unseen";
  made.textContent = text;
  return made;
}
