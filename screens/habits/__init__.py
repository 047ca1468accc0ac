"""The form of a habit, the order of all, and what stands on the page of one."""
