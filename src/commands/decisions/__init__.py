"""The rules: pure functions from a state and a command to the facts that follow."""
