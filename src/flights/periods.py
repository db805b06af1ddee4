"""Which months are for what: time runs one way, and so does the split."""

from __future__ import annotations

# The model and its hyperparameters come from these alone.
LEARNT = (1, 2, 3, 4, 5, 6, 7, 8)
# Scored once, when everything else is settled.
SCORED = (9, 10)
# Neither learnt from nor scored: they stand for what comes after the model went into use.
LATER = (11, 12)
PURPOSE = {
    **dict.fromkeys(LEARNT, "learning: January to August"),
    **dict.fromkeys(SCORED, "scores: September, October"),
    **dict.fromkeys(LATER, "not used: November, December"),
}
