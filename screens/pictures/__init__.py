"""Pictures and tables of a record, and the days behind each number."""
