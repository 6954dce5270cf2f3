"""The calls: parse, ask or command, answer. No rule lives here."""
