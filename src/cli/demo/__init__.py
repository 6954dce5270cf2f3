"""`khata demo`: a throw-away shop, ten stories told through HTTP, and every promise they show."""
