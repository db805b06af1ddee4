"""What the process that records is told, and where it puts what it found."""

BRIEF = "brief.json"
"""What to record: ``definitions``, ``secrets`` and ``whole`` as `call_record.start` takes them."""
FOUND = "found"
"""A folder for each notebook, numbered in the order in which they ran."""
