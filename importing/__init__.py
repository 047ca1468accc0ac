"""The parts of `history_import`: other trackers' files in, one history out."""
