"""The sections of the Evaluate page."""
