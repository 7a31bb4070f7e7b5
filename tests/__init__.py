"""Tests; a package, because tf-keras-vis installs a package of the same name that would otherwise come first."""
