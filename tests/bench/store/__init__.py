"""The marks of the event store: how fast the book is written and read, beside what it stands on."""
