"""What a record carries: days and times that count, how evidence is weighed, and each kind of claim."""
