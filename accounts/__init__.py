"""Accounts: who may come in, by what and for how long, and who leaves."""
