"""Where a model looked: class activation maps."""
