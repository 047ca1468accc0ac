"""Letters: what they are made of, the ledger that decides what was sent, and the ways out."""
