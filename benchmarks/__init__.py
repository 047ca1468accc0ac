"""Measurements, for a quiet machine: what things cost (`make bench`, `bench-web`), and how right the coach is."""
