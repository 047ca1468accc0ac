"""Profile's rooms: account, letters, a history that comes along or is taken along."""
