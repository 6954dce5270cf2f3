"""The console at `/console`: pages for those who work here, drawn by the server.

They need no script to be read and no other machine. `page/` holds the templates
and what browsers are sent as it is; `render.py` draws, `session.py` knows who looks.
"""
