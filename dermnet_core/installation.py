"""Which of the two sets of requirements is installed: everything, or what serves without TensorFlow."""

from importlib.util import find_spec

TENSORFLOW = frozenset({"keras", "keras_tuner", "tensorflow", "tf_keras_vis"})
"""Packages that only requirements.txt brings, by the names of their modules."""
WITHOUT_TENSORFLOW = (
    "Expected TensorFlow, found an installation that only answers photos (requirements-serve.txt). "
    "Use one of requirements.txt, for example make app on your own computer."
)


def has_tensorflow() -> bool:
    """Return whether training and the methods of tf-keras-vis can run here; nothing is imported to find out."""
    return all(find_spec(name) is not None for name in TENSORFLOW)
