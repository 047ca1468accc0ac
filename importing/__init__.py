"""Histories of other trackers: their files in, one history out."""
