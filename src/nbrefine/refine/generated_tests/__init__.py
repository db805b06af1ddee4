"""Tests of a refined project, made of what its notebook's own functions were seen to do."""
