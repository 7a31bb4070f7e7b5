"""Figures from arrays of labels and scores; NumPy and scikit-learn only."""
