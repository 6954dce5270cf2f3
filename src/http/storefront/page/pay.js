// The payment: the session's states live, the countdown, the payment window, and every way it can end.

import { Problem, get, pause, post, shopTime } from "./api.js";
import * as basket from "./basket.js";
import { button, element, heading, link, message, redraw, say, whileBusy } from "./dom.js";
import * as memory from "./memory.js";
import { countdown, money } from "./money.js";
import { lines, totals } from "./totals.js";
import { STATE_AFTER, track, wordsFor } from "./track.js";
import { watch } from "./watch.js";
import { loadCheckout, openWindow } from "./window.js";

const TICK_MS = 500;
const LATE_LOOK_SECONDS = 3;
const PAID_LOOK_MS = 3_000;

let opening = false;

// The next payment page opens its window by itself: somebody has just pressed Pay.
export function openAtOnce() {
  opening = true;
}

export async function pay() {
  const wanted = opening;
  opening = false;
  const cart = await basket.look();
  const mine = memory.cart();
  const session_id = cart?.checkout_session_id ?? mine?.checkout_session_id;
  if (mine === null) return { instead: paidBefore() }; // The cart has become an order by now.
  if (!session_id) return { instead: "#/cart" };
  const payment = new Payment(session_id, mine.secret);
  await payment.look();
  if (payment.placed) return { instead: `#/orders/${payment.session.order_id}` };
  payment.draw();
  return {
    name: "cart", title: "Payment", content: payment.content,
    shown: () => payment.start(wanted), leave: () => payment.leave(),
  };
}

function paidBefore() {
  const order_id = basket.placed() ?? memory.orders()[0]?.order_id;
  return order_id ? `#/orders/${order_id}` : "#/cart";
}

class Payment {
  constructor(session_id, secret) {
    this.path = `/checkout/${session_id}`;
    this.secret = secret;
    this.session = null;
    this.state = null;
    this.expired = false;
    this.news = null; // What to say above the button: [mood, text].
    this.shown = "";
    this.failure = null;
    this.heard = null;
    this.gone = false;
    this.lookAgain = () => document.hidden || this.hear(""); // A phone that slept may not know that its line is dead.
    this.track = element("div");
    this.clock = element("p", { class: "clock", role: "timer" });
    this.place = element("div", { class: "stage" });
    this.bill = element("div");
    this.panel = element("section", { class: "panel", "aria-labelledby": "bill" },
      element("h2", { id: "bill" }, "What you are buying"), this.bill);
  }

  get placed() {
    return this.session?.order_id != null;
  }

  get content() {
    return [heading("Payment"), this.track, this.clock, this.place, this.panel];
  }

  start(openNow) {
    this.stop = watch(`${this.path}/events`, this.secret, (name) => this.hear(name));
    this.ticking = setInterval(() => this.tick(), TICK_MS);
    document.addEventListener("visibilitychange", this.lookAgain);
    this.tick();
    if (openNow && this.session?.payment_intent) this.open();
  }

  leave() {
    this.gone = true;
    this.stop?.();
    this.close?.();
    document.removeEventListener("visibilitychange", this.lookAgain);
    clearInterval(this.ticking);
  }

  // A fact arrived: look at all of it. What arrives meanwhile is seen by one more look.
  async hear(name) {
    this.heard = name;
    if (this.hearing) return;
    this.hearing = true;
    while (this.heard !== null && !this.gone) await this.catchUp();
    this.hearing = false;
  }

  async catchUp() {
    const [before, name] = [this.state, this.heard];
    this.heard = null;
    await this.look().catch(() => { this.state = STATE_AFTER[name] ?? this.state; });
    if (this.gone) return;
    this.draw();
    if (this.state !== before) say(wordsFor(this.state));
    if (this.placed) await this.arrive();
  }

  async look() {
    try {
      this.session = await get(this.path, this.secret);
      this.state = this.session.state;
      this.expired = false; // Late money completes a session that was over.
    } catch (said) {
      if (!(said instanceof Problem && said.code === "session-expired")) throw said;
      this.expired = true;
      this.state = "CART_PENDING";
    }
  }

  tick() {
    if (this.session === null || this.expired || this.state === "CART_PENDING" || this.placed) {
      this.clock.hidden = true;
      return;
    }
    const left = (Date.parse(this.session.expires_at) - shopTime()) / 1000;
    this.clock.textContent = left > 0 ? `Held for you for another ${countdown(left)}` : "The time is up…";
    if (left < -LATE_LOOK_SECONDS && !this.looking) {
      this.looking = true; // The live stream says it as well, if it is not broken.
      this.hear("").finally(() => pause(LATE_LOOK_SECONDS * 1000)).finally(() => { this.looking = false; });
    }
  }

  draw() {
    if (this.gone) return;
    this.track.replaceChildren(track(this.state));
    this.panel.hidden = this.session === null;
    if (this.session !== null) this.bill.replaceChildren(lines(this.session.items), totals(this.session.totals));
    this.tick();
    const parts = this.stage();
    if (parts === null) return;
    redraw(this.place, parts, () => this.place.querySelector("button, a"));
  }

  // What can be done now; null when the same is there already.
  stage() {
    const kind = [this.expired, this.state, this.session?.ended, this.session?.payment_intent?.id, this.news].join("|");
    if (kind === this.shown) return null;
    this.shown = kind;
    const news = this.news && message(...this.news);
    if (this.expired) return [message("bad", "The time to pay is over: the session has expired, and its stock was given back. Nothing was charged. If money left your account after all, it still becomes your order."), this.again("Start again")];
    if (this.state === "CART_PENDING") return [this.ending(), this.again("Try again")];
    if (this.state === "PAYMENT_PENDING") return [news, this.payable()];
    if (this.state === "CHECKOUT_STARTED") return [message("plain", "The payment has not been opened yet."), this.again("Open the payment")];
    return [message("good", "Paid. The order is being written.")];
  }

  ending() {
    const why = this.session?.ended;
    if (why === "failed") {
      const reason = this.failure ?? "The payment failed.";
      return message("bad", `${reason} Nothing was charged, and your cart is unlocked.`);
    }
    if (why === "cancelled") return message("plain", "The checkout was cancelled. Your cart is unlocked.");
    return message("plain", "Another checkout took this one's place.");
  }

  again(text) {
    return element("p", { class: "actions" },
      link(text, "#/checkout", { class: "button main" }), link("Back to the cart", "#/cart", { class: "button" }));
  }

  payable() {
    const paying = button(`Pay ${money(this.session.totals.total)}`, () => whileBusy(paying, () => this.open()), {
      id: "pay", class: "main",
    });
    const giveUp = button("Cancel the checkout", () => whileBusy(giveUp, () => this.cancel()), { id: "cancel" });
    return element("p", { class: "actions" }, paying, giveUp);
  }

  async open() {
    this.tell(null);
    try {
      const Razorpay = await loadCheckout();
      if (this.gone) return; // Nobody is asked to pay on another page.
      this.close = openWindow(Razorpay, this.session, {
        paid: (answer) => this.paid(answer),
        failed: (error) => this.failed(error),
        dismissed: () => this.dismissed(),
      });
    } catch (said) {
      this.tell("bad", said.message);
    }
  }

  failed(error) {
    this.failure = `The payment failed: ${error.description || error.reason || "the bank gave no reason"}`.replace(/\.?$/, ".");
    this.tell("bad", this.failure);
  }

  dismissed() {
    if (this.placed || this.verifying || this.failure) return;
    this.tell("plain", "The payment window was closed. Pay when you are ready, or cancel.");
  }

  // checkout.js says that it is paid; the shop checks the signature and asks Razorpay.
  async paid(answer) {
    this.verifying = true;
    this.tell("plain", "Checking the payment…");
    const { razorpay_order_id, razorpay_payment_id, razorpay_signature } = answer;
    const body = { razorpay_order_id, razorpay_payment_id, razorpay_signature };
    try {
      this.session = await post("verify", "/payments/razorpay/verify", body, this.secret);
      this.state = this.session.state;
      this.draw();
      if (this.placed) await this.arrive();
      else this.tell("plain", "Paid. Waiting for the bank's last word…");
    } catch (said) {
      this.verifying = false;
      this.tell("bad", `${said.message} If you have paid, the order appears here by itself.`);
    }
    while (!this.gone && !this.placed && this.verifying) {
      await pause(PAID_LOOK_MS);
      await this.hear("");
    }
  }

  async cancel() {
    try {
      this.session = await basket.unlock(this.session.checkout_session_id);
      this.state = this.session.state;
      this.draw();
    } catch (said) {
      this.tell("bad", said.message);
    }
  }

  tell(mood, text) {
    this.news = mood === null ? null : [mood, text];
    if (mood === null) this.failure = null;
    this.draw();
  }

  async arrive() {
    if (this.arrived) return;
    this.arrived = true;
    const { order_id } = this.session;
    await basket.settle(order_id).catch(() => null);
    say("The order is placed.");
    location.hash = `#/orders/${order_id}`;
  }
}

