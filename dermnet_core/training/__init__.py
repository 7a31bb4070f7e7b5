"""Training runs: a folder in, an artifact out."""
