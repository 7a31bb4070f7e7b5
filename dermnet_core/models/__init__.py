"""The two networks, built from Keras layers alone."""
