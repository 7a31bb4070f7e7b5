"""The command line: ``python -m dermnet_core predict | train | runs | tune | evaluate | models | dataset | …``."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if __name__ != "__mp_main__":  # each process of a scan imports this module again, and needs none of these
    from dermnet_core import commands, dataset, evaluating, explanation, preview, runs
    from dermnet_core.errors import DermnetError
    from dermnet_core.explain.methods import METHODS
    from dermnet_core.installation import TENSORFLOW, WITHOUT_TENSORFLOW
    from dermnet_core.tuning import command as tuning


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 1 for an error, 2 for a wrong call."""
    options = _parser().parse_args(arguments)
    try:
        result, status = options.run(options)
    except DermnetError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        if error.name not in TENSORFLOW:
            raise
        print(f"Error: {WITHOUT_TENSORFLOW}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    if options.json:
        json.dump(result, sys.stdout, indent=2, ensure_ascii=False)
        print()
    else:
        print(options.show(result))
    return int(status)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dermnet_core", description="DermNet Workbench on the command line."
    )
    parsers = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_predict(parsers)
    _add_train(parsers)
    _add_runs(parsers)
    _add_tune(parsers)
    _add_evaluate(parsers)
    _add_models(parsers)
    _add_explain(parsers)
    _add_dataset(parsers)
    _add_augment(parsers)
    return parser


def _add_predict(parsers: Any) -> None:
    parser = parsers.add_parser("predict", help="rank the classes of the atlas for photos")
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="photos, or folders read recursively")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--model", metavar="NAME", help="one model")
    which.add_argument("--all", action="store_true", help="every installed model (the default)")
    parser.add_argument("--top", type=_positive, default=5, help="how many classes to name (5)")
    parser.add_argument("--heatmaps", type=Path, metavar="DIR", help="write each photo with its heatmap as PNG here")
    _finish(parser, commands.predict, commands.show_predictions)


def _add_train(parsers: Any) -> None:
    parser = parsers.add_parser("train", help="train a model; the same command again goes on with an interrupted run")
    parser.add_argument("--model", required=True, choices=("separable_cnn", "mobilenet_v2"))
    parser.add_argument(
        "--data", required=True, type=Path, metavar="DIR", help="<DIR>/{train,test}/<class>/ or <DIR>/<class>/"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="RUN_DIR")
    recipe = parser.add_mutually_exclusive_group()
    recipe.add_argument("--config", type=Path, metavar="FILE", help="a recipe as JSON, as found in a model card")
    recipe.add_argument("--preset", choices=("original", "best", "quick"), default="best")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="ImageNet weights of MobileNetV2, for use offline")
    _add_progress(parser)
    _finish(parser, runs.train, runs.show_training)


def _add_runs(parsers: Any) -> None:
    parser = parsers.add_parser("runs", help="list, show, stop, resume, delete or register training runs")
    parser.add_argument("action", choices=("list", "show", "stop", "resume", "delete", "register"))
    parser.add_argument("run_dir", nargs="?", type=Path, metavar="RUN_DIR", help="the run; for list, a folder of runs")
    parser.add_argument("--name", help="register: name of the model")
    parser.add_argument("--data", type=Path, metavar="DIR", help="register: photos for weights trained elsewhere")
    parser.add_argument("--finish", action="store_true", help="resume: make the model from the best weights so far")
    parser.add_argument("--wait", action="store_true", help="resume: return when the run has ended")
    _finish(parser, runs.runs, runs.show_runs)


def _add_tune(parsers: Any) -> None:
    parser = parsers.add_parser("tune", help="search settings of the separable CNN; the same command goes on")
    tuning.add_arguments(parser)
    _add_progress(parser)
    _finish(parser, tuning.run, tuning.show)


def _add_evaluate(parsers: Any) -> None:
    parser = parsers.add_parser("evaluate", help="score a model on labelled photos; the same command goes on")
    evaluating.add_arguments(parser)
    _add_progress(parser)
    _finish(parser, evaluating.run, evaluating.show)


def _add_models(parsers: Any) -> None:
    parser = parsers.add_parser("models", help="list the installed models with their cards")
    _finish(parser, commands.models, commands.show_models)


def _add_explain(parsers: Any) -> None:
    parser = parsers.add_parser("explain", help="another class activation map of a photo (loads TensorFlow)")
    parser.add_argument("photo", type=Path, metavar="PHOTO", help="a photo, or - for standard input")
    parser.add_argument("--model", required=True, metavar="NAME", help="an installed model, or the folder of any")
    parser.add_argument("--method", required=True, choices=tuple(METHODS))
    parser.add_argument("--class-index", type=int, metavar="N", help="column of the logits (the model's first class)")
    parser.add_argument(
        "--out", required=True, type=Path, metavar="FILE", help="the map as .npy, or drawn on the photo as .png"
    )
    _finish(parser, explanation.explain, explanation.show_explanation)


def _add_dataset(parsers: Any) -> None:
    parser = parsers.add_parser(
        "dataset", help="scan a photo folder: figures, copies, near duplicates, leakage; the same command goes on"
    )
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="DIR",
        help="<DIR>/{train,test}/<class>/ or <DIR>/<class>/ (DERMNET_DATA_DIR)",
    )
    parser.add_argument("--download", action="store_true", help="fetch the atlas from Kaggle and scan it")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="the report as .json or .html, or its findings as .csv"
    )
    parser.add_argument("--photos", type=Path, metavar="FILE", help="every photo with its measurements, as CSV")
    parser.add_argument("--summary", type=Path, metavar="FILE", help="the figures alone, as JSON")
    _add_progress(parser)
    parser.add_argument("--processes", type=_positive, metavar="N", help="how many work at once (all processors)")
    _finish(parser, dataset.run, dataset.show)


def _add_augment(parsers: Any) -> None:
    parser = parsers.add_parser("augment", help="show what augmentation does to a photo (loads TensorFlow)")
    parser.add_argument("photo", type=Path, metavar="PHOTO", help="a photo, or - for standard input")
    parser.add_argument("--model", required=True, choices=("separable_cnn", "mobilenet_v2"))
    parser.add_argument("--copies", type=_positive, default=8, metavar="N", help="how many (8)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another seed, other copies (0)")
    parser.add_argument(
        "--out", required=True, type=Path, metavar="FILE", help="the pixels as .npy, or side by side as .png"
    )
    _finish(parser, preview.augment, preview.show_augmented)


def _add_progress(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--progress", choices=("bar", "json", "none"), help="on standard error (a bar on a terminal)")


def _finish(parser: argparse.ArgumentParser, run: Any, show: Any) -> None:
    parser.add_argument("--json", action="store_true", help="JSON alone on standard output")
    parser.set_defaults(run=run, show=show)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("expected a whole number from 1")
    return value


if __name__ == "__main__":
    sys.exit(main())
