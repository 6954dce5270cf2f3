"""The payment window: `checkout.js` for a shop's page, and the page that it opens.

The page is plain HTML that forms carry from screen to screen, so that it works by
itself and without a script; `page.js` saves the reloads and talks to the shop's
page. Nothing the browser says about money is believed.
"""
