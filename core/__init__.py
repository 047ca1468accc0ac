"""The pure rooms: no clock, file, network, chance or environment; they import nothing of ours but each other."""
