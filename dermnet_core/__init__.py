"""The core of DermNet Workbench: data, models, training, evaluation and serving, without any user interface."""
