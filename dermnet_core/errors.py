"""Every error this project raises on purpose.

    DermnetError
    ├── DatasetError    a photo folder is not what was expected
    ├── ImageError      a photo cannot be used
    ├── ArtifactError   a model folder is missing, damaged or of another version
    ├── ConfigError     a configuration file or value is not valid
    └── RunError        a training run cannot start, continue or finish

Each message says what was expected, what was found and what to do; it may be shown to a visitor as it stands.
"""


class DermnetError(Exception):
    """Base of all errors raised on purpose by this project."""


class DatasetError(DermnetError):
    """A photo folder is not what was expected."""


class ImageError(DermnetError):
    """A photo cannot be used."""


class ArtifactError(DermnetError):
    """A model folder is missing, damaged or of another version."""


class ConfigError(DermnetError):
    """A configuration file or value is not valid."""


class RunError(DermnetError):
    """A training run cannot start, continue or finish."""
