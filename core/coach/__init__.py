"""What the coach stands on: which days count, how evidence is weighed, what fits whom, and what it says."""
