"""Figures from arrays of labels and scores; NumPy only."""
