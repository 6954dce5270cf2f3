"""A request as a server hands it to an application, for whoever does without a client's cost."""

from src.http.asgi import Headers, Scope


def posted(path: str, headers: Headers, address: str = "192.0.2.1") -> Scope:
    """Return a POST from this address."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": (address, 1234),
        "server": ("shop", 80),
    }
