"""What the store is made of: files written whole, journals, octets, and the waiting for them."""
