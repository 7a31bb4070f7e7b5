"""Read and write the settings of a training run as JSON."""

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Union

from dermnet_core.config import TrainingConfig
from dermnet_core.errors import ConfigError


def to_dict(config: Any) -> dict[str, Any]:
    """Return a configuration as plain JSON values."""
    return typing.cast(dict[str, Any], json.loads(json.dumps(dataclasses.asdict(config))))


def from_dict(values: Mapping[str, Any]) -> TrainingConfig:
    """Build a TrainingConfig from JSON values.

    Raises:
        ConfigError: an unknown key, a value of the wrong type or out of range.
    """
    start = values.get("start_from", ())
    if start is None or isinstance(start, str):  # of the time when it was one model or none
        values = {**values, "start_from": [start] if start else []}
    config = _build(TrainingConfig, values, "configuration")
    assert isinstance(config, TrainingConfig)
    return config


def read_config(path: Path) -> TrainingConfig:
    """Read a TrainingConfig from a JSON file.

    Raises:
        ConfigError: the file cannot be read, is not JSON or holds a bad value.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"Expected a JSON configuration in {path}, found: {error}. Give another file.") from error
    if not isinstance(values, dict):
        raise ConfigError(f"Expected a JSON object in {path}, found {type(values).__name__}. Give another file.")
    return from_dict(values)


def _build(kind: type, values: Mapping[str, Any], where: str) -> Any:
    hints = typing.get_type_hints(kind)
    unknown = sorted(set(values) - set(hints))
    if unknown:
        raise ConfigError(
            f"Expected only {', '.join(hints)} in {where}, found {', '.join(unknown)}. Remove or rename it."
        )
    try:
        return kind(**{key: _convert(hints[key], value, f"{where}.{key}") for key, value in values.items()})
    except TypeError as error:
        raise ConfigError(f"Expected a complete {where}, found: {error}. Add what is missing.") from error


def _convert(hint: Any, value: Any, where: str) -> Any:
    origin = typing.get_origin(hint)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in typing.get_args(hint):
            return None
        return _convert(next(arg for arg in typing.get_args(hint) if arg is not type(None)), value, where)
    if origin is Literal:
        return _expect(value in typing.get_args(hint), value, where, " or ".join(map(str, typing.get_args(hint))))
    if origin is tuple:
        _expect(isinstance(value, list | tuple), value, where, "a list")
        return tuple(_convert(typing.get_args(hint)[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        _expect(isinstance(value, Mapping), value, where, "an object")
        return _build(hint, value, where)
    if hint is float:
        _expect(isinstance(value, int | float) and not isinstance(value, bool), value, where, "a number")
        return float(value)
    if hint is int:
        return _expect(isinstance(value, int) and not isinstance(value, bool), value, where, "a whole number")
    return _expect(isinstance(value, hint), value, where, hint.__name__)


def _expect(condition: bool, value: Any, where: str, expected: str) -> Any:
    if not condition:
        raise ConfigError(f"Expected {expected} for {where}, found {value!r}. Correct the configuration.")
    return value
