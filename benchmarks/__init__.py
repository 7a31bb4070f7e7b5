"""Measurements of the product, each runnable as a module."""
