// Opens the payment window of checkout.js. The script's address is told by the page, and so by the settings.

import { element } from "./dom.js";
import { current } from "./login.js";
import { typed } from "./memory.js";

const SHOP = "Khata demo shop";
const COLOUR = "#8f1d2c";

let loading = null;

// Loads the script once; a failed try may be repeated.
export function loadCheckout() {
  loading ??= new Promise((done, failed) => {
    const source = document.body.dataset.checkoutScript;
    const fail = () => {
      loading = null;
      failed(new Error(`The payment window could not be loaded from ${source}. Is it running, and can this browser reach it?`));
    };
    document.head.append(element("script", {
      src: source,
      load: () => (window.Razorpay ? done(window.Razorpay) : fail()),
      error: fail,
    }));
  });
  return loading;
}

// Opens the window; `paid`, `failed` and `dismissed` are told how it went. Returns what closes it.
export function openWindow(Razorpay, session, { paid, failed, dismissed }) {
  const { id, amount, currency, key_id, checkout_options } = session.payment_intent;
  const known = current();
  const { name = known?.name, phone = known?.phone } = typed();
  const email = known?.email ?? typed().email;
  const opened = new Razorpay({
    key: key_id || document.body.dataset.keyId,
    order_id: id,
    amount,
    currency,
    name: SHOP,
    description: contents(session.items),
    prefill: { name, email, contact: phone },
    theme: { color: COLOUR },
    ...checkout_options,
    modal: { ondismiss: dismissed },
    handler: paid,
  });
  opened.on("payment.failed", (said) => failed(said.error ?? {}));
  opened.open();
  return () => opened.close();
}

function contents([first, ...others]) {
  return others.length === 0 ? first.name : `${first.name} and ${others.length} more`;
}
