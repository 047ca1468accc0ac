"""Timings, for a quiet machine: `make bench`."""
