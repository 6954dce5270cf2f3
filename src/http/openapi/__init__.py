"""The OpenAPI 3.1 document: what the handlers show by themselves, and what only we know of them."""

from src.http.openapi.document import document

__all__ = ["document"]
