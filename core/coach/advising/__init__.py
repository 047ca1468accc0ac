"""From what is found to a piece of advice: what fits, how it is said, taken up and followed up."""
