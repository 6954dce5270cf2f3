"""The demo shop at `/`: pages in plain HTML, CSS and JavaScript, on the same API as any client.

`page/` holds what browsers are sent, as it is; `pages.py` serves it.
"""
