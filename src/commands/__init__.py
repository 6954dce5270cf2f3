"""Intent: what the outside may ask for, decided by pure rules and written down as facts."""
