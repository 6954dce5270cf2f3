"""`khata demo`: a throw-away shop, eight stories told through HTTP, and every promise they show."""
