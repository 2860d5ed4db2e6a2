"""Measured comparisons: what was run, against what, and on which weeks."""
