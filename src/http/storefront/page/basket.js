// The cart of this browser: found again, filled, and given up when it has become an order.

import { Problem, get, post, put, remove } from "./api.js";
import * as memory from "./memory.js";

export const QUANTITY_MAX = 999;

let held = null; // The cart as the shop showed it last.
let turn = Promise.resolve();

export function current() {
  return held;
}

// Looks at the cart; null when there is none. One that became an order is kept as an order.
export async function look() {
  const mine = memory.cart();
  if (mine === null) return show(null);
  try {
    const cart = await get(`/carts/${mine.cart_id}`, mine.secret);
    if (cart.merged_into !== undefined) {
      memory.forgetCart(mine.cart_id); // It went into a customer's cart, and this page is for guests.
      return show(null);
    }
    if (cart.order_id === null) return show(cart);
    await settle(cart.order_id);
    return show(null);
  } catch (said) {
    if (!isGone(said)) throw said;
    memory.forgetCart(mine.cart_id);
    return show(null);
  }
}

// The cart has become an order: remembers it, and lets go of the cart.
export async function settle(order_id) {
  const mine = memory.cart();
  if (mine === null) return;
  memory.keepOrder({ order_id, cart_id: mine.cart_id, secret: mine.secret });
  memory.forgetCart(mine.cart_id);
  show(null);
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
