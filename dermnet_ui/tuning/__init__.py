"""The sections of the Tune page."""
