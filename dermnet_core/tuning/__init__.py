"""Searching for settings of the custom network with Keras Tuner: every trial is a training run of its own."""
