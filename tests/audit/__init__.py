"""Tamper evidence: the tree, the notary, the verifier and what an auditor takes home."""
