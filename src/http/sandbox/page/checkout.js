"use strict";
// The sandbox's `window.Razorpay`: the same options, calls and events as Razorpay's checkout.js,
// with a payment window that moves no money. A page that includes it needs, in its content
// security policy, this origin under script-src and frame-src (and form-action for `redirect`).
(() => {
  const SOURCE = new URL(document.currentScript.src);
  const PAGE = new URL("checkout/embedded", SOURCE);
  const CLOSED = new URL("checkout/closed", SOURCE);
  const TIMEOUT_MS_MAX = 2 ** 31 - 1;
  const ADDRESS_CHARACTERS_MAX = 2_000;
  const HOSTS = ["127.0.0.1", "localhost"]; // Only pages of these may show the window in a frame.
  let open = null; // the one checkout whose window is open

  // A long address, such as a picture in itself, would make the window's own too long to be asked for.
  const addressOf = (text) => {
    const href = text && new URL(text, document.baseURI).href;
    return href?.length > ADDRESS_CHARACTERS_MAX ? undefined : href;
  };

  const fieldsOf = (options) => {
    const { prefill = {}, notes = {}, theme = {}, retry } = options;
    const fields = {
      key_id: options.key,
      order_id: options.order_id,
      name: options.name,
      description: options.description,
      image: addressOf(options.image),
      callback_url: addressOf(options.callback_url),
      timeout: options.timeout,
      "theme[color]": theme.color,
      "retry[enabled]": String(retry !== false && retry?.enabled !== false),
    };
    for (const name of ["name", "email", "contact", "method", "vpa"]) fields[`prefill[${name}]`] = prefill[name];
    for (const [name, value] of Object.entries(notes)) fields[`notes[${name}]`] = value;
    return Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== "");
  };

  // Leaves this page with a form: the only way to POST somewhere and go there.
  const post = (address, fields) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = address;
    for (const [name, value] of fields) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = value;
      form.append(input);
    }
    document.body.append(form);
    form.submit();
    form.remove();
  };

  const styled = (element, style) => {
    Object.assign(element.style, style); // by its properties, which a strict policy allows
    return element;
  };

  const element = (name, style, attributes = {}) => {
    const made = styled(document.createElement(name), style);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  class Razorpay {
    #options;
    #listeners = new Map();
    #dialog = null;
    #frame = null;
    #waiting = null;
    #timer = null;
    #scrolling = "";

    constructor(options) {
      if (!options?.key) throw new TypeError("Razorpay: the option `key` is missing.");
      this.#options = options;
    }

    on(event, listener) {
      this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
      return this;
    }

    open() {
      if (open) return this;
      const { callback_url: callback, redirect } = this.#options;
      if (redirect && callback) {
        post(PAGE, [...fieldsOf(this.#options), ["redirect", "true"], ["cancel_url", location.href]]);
        return this;
      }
      open = this;
      this.#show();
      const ms = Number(this.#options.timeout) * 1000;
      if (ms > 0) this.#timer = setTimeout(() => this.#dismiss("timeout"), Math.min(ms, TIMEOUT_MS_MAX));
      return this;
    }

    // The shop closes the window by itself, and so needs no word about it.
    close() {
      if (open !== this) return;
      open = null;
      clearTimeout(this.#timer);
      document.documentElement.style.overflow = this.#scrolling;
      this.#dialog.close(); // gives the focus back to where it was
      this.#dialog.remove();
    }

    #show() {
      const { name = "the shop", theme = {}, modal = {} } = this.#options;
      const label = `Payment to ${name}`;
      const isWide = matchMedia("(min-width: 30.01rem)").matches;
      this.#dialog = element("dialog", {
        position: "fixed", inset: "0", width: "100%", height: "100%", maxWidth: "none", maxHeight: "none",
        margin: "0", padding: "0", border: "0", boxSizing: "border-box", overflow: "hidden",
        display: "grid", placeItems: "center", background: theme.backdrop_color || "rgb(10 14 20 / 62%)",
      }, { "aria-modal": "true", "aria-label": label });
      this.#waiting = this.#placeholder();
      const address = new URL(PAGE);
      address.search = new URLSearchParams([...fieldsOf(this.#options), ["origin", location.origin]]);
      this.#frame = element("iframe", {
        gridArea: "1 / 1", width: isWide ? "26.5rem" : "100%", height: isWide ? "min(46rem, 96%)" : "100%",
        border: "0", borderRadius: isWide ? "1rem" : "0", boxShadow: "0 1.5rem 4rem rgb(0 0 0 / 35%)",
        visibility: "hidden", colorScheme: "normal",
      }, { title: label, src: address.href, allow: "" });
      this.#dialog.append(this.#waiting, this.#frame);
      this.#dialog.addEventListener("cancel", (event) => {
        event.preventDefault(); // Escape, or the back gesture of a phone
        if (modal.escape !== false && modal.handleback !== false) this.#leave();
      });
      this.#dialog.addEventListener("close", () => {
        if (open === this) this.#dialog.showModal(); // a second Escape asks nobody
      });
      this.#dialog.addEventListener("click", (event) => {
        if (event.target === this.#dialog && modal.backdropclose) this.#leave();
      });
      document.body.append(this.#dialog);
      this.#scrolling = document.documentElement.style.overflow;
      document.documentElement.style.overflow = "hidden";
      this.#dialog.showModal();
    }

    // Until the window says that it is there, and for ever if the sandbox is not running.
    #placeholder() {
      const box = element("div", {
        gridArea: "1 / 1", padding: "1.5rem", borderRadius: "1rem", textAlign: "center",
        background: "Canvas", color: "CanvasText", font: "1rem/1.5 system-ui, sans-serif",
      });
      const says = element("p", { margin: "0 0 1rem" });
      says.textContent = HOSTS.includes(location.hostname)
        ? "Opening the payment window…"
        : `The sandbox's payment window opens on this machine only: open the shop at ${HOSTS.join(" or ")}, not at ${location.hostname}.`;
      const button = element("button", { font: "inherit", padding: ".5rem 1rem" }, { type: "button" });
      button.textContent = "Close";
      button.addEventListener("click", () => this.#dismiss());
      box.append(says, button);
      return box;
    }

    #leave() {
      if (this.#options.modal?.confirm_close && !confirm("Leave without paying?")) return;
      this.#dismiss();
    }

    #dismiss(reason) {
      if (open !== this) return;
      this.close();
      this.#options.modal?.ondismiss?.(reason);
    }

    #reveal() {
      this.#waiting.remove();
      this.#frame.style.visibility = "visible";
      this.#frame.focus();
      const isCalm = this.#options.modal?.animation === false || matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (isCalm) return;
      const steps = { opacity: [0, 1], transform: ["translateY(.75rem)", "none"] };
      this.#frame.animate(steps, { duration: 180, easing: "ease-out" });
    }

    #succeed(triple) {
      const { handler, callback_url: callback } = this.#options;
      this.close();
      if (callback) post(new URL(callback, document.baseURI), Object.entries(triple));
      else handler?.(triple);
    }

    #tell(event, detail) {
      for (const listener of this.#listeners.get(event) ?? []) listener(detail);
    }

    hear({ khata, detail }) {
      switch (khata) {
        case "ready": return this.#reveal();
        case "paid": return this.#succeed(detail);
        case "failed": return this.#tell("payment.failed", detail);
        case "closed": return this.#vanish();
        case "dismiss":
          if (detail === "escape" && this.#options.modal?.escape === false) return undefined;
          return this.#leave();
        default: return undefined;
      }
    }

    // The customer closes the tab: nothing of this page may go on, not even its handler.
    #vanish() {
      this.close();
      window.close(); // works only in a tab that a script opened
      location.assign(CLOSED);
    }

    isFrom(message) {
      return message.origin === PAGE.origin && message.source === this.#frame?.contentWindow;
    }
  }

  window.addEventListener("message", (message) => {
    if (open?.isFrom(message)) open.hear(message.data);
  });
  window.Razorpay = Razorpay;
})();
