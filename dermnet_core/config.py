"""Every setting of a training run as frozen dataclasses; `config_json` reads and writes them."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from dermnet_core.errors import ConfigError

ModelName = Literal["separable_cnn", "mobilenet_v2"]
PresetName = Literal["original", "best", "quick"]
Optimizer = Literal["adam", "adamw", "rmsprop", "sgd"]
Distribution = Literal["none", "mirrored"]


def _check(condition: bool, name: str, value: object, expected: str) -> None:
    if not condition:
        raise ConfigError(f"Expected {expected} for {name}, found {value!r}. Correct the configuration.")


def _check_common(image_size: int, dropout: float, classes: int) -> None:
    _check(32 <= image_size <= 512, "image_size", image_size, "32 to 512 pixels")
    _check(0.0 <= dropout < 1.0, "dropout", dropout, "from 0 up to 1")
    _check(classes >= 2, "classes", classes, "at least 2")


@dataclass(frozen=True)
class SeparableCNNConfig:
    """The custom network: a Conv2D stem, residual SeparableConv2D blocks, a hidden layer and the logits."""

    image_size: int = 160
    stem_filters: tuple[int, ...] = (32, 64)
    block_filters: tuple[int, ...] = (128, 256, 512)
    block_strides: tuple[int, ...] = (2, 2, 1)
    kernel_size: int = 3
    dense_units: int = 256
    dropout: float = 0.3
    l2: float = 1e-5
    classes: int = 23

    def __post_init__(self) -> None:
        _check(
            len(self.block_filters) == len(self.block_strides),
            "block_strides",
            self.block_strides,
            f"one stride for each of the {len(self.block_filters)} blocks",
        )
        _check_common(self.image_size, self.dropout, self.classes)


@dataclass(frozen=True)
class MobileNetV2Config:
    """MobileNetV2 (Sandler et al., 2018) with a linear layer on the pooled features.

    ``weights`` is "imagenet" (Keras downloads them), the path of a weights file, or None for random weights.
    """

    image_size: int = 224
    alpha: float = 1.0
    weights: str | None = "imagenet"
    dropout: float = 0.2
    batch_norm_momentum: float = 0.9
    classes: int = 23

    def __post_init__(self) -> None:
        # Below, the last feature map is a single pixel, which LiteRT's kernels refuse.
        _check(self.image_size >= 48, "image_size", self.image_size, "48 to 512 pixels")
        _check_common(self.image_size, self.dropout, self.classes)


@dataclass(frozen=True)
class AugmentationConfig:
    """Random changes to training photos; 0 or False switches one off.

    ``rotation`` is in fractions of a full turn, ``zoom`` and ``shift`` in fractions of the photo's side, ``contrast`` a
    factor, ``sharpness`` the most of a photo's fine detail that is added or taken away, ``mixup`` the alpha of the Beta
    distribution of MixUp (Zhang et al., 2018).
    """

    flip: bool = True
    rotation: float = 0.08
    zoom: float = 0.2
    shift: float = 0.0
    contrast: float = 0.2
    sharpness: float = 0.0
    mixup: float = 0.0

    def __post_init__(self) -> None:
        for name in ("rotation", "zoom", "shift", "contrast", "sharpness"):
            value = getattr(self, name)
            _check(0.0 <= value < 1.0, name, value, "a number from 0 up to but not including 1")
        _check(self.mixup >= 0.0, "mixup", self.mixup, "0 or a positive number")


@dataclass(frozen=True)
class FitConfig:
    """How one stage of training is fitted; with 0 epochs it keeps the weights that it finds."""

    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 1e-3
    optimizer: Optimizer = "adam"
    weight_decay: float = 0.0
    schedule: Literal["constant", "cosine"] = "constant"
    warmup_epochs: float = 0.0
    label_smoothing: float = 0.1
    class_weights: Literal["none", "balanced", "sqrt"] = "balanced"
    early_stopping_patience: int = 0
    reduce_on_plateau_patience: int = 0

    def __post_init__(self) -> None:
        _check(self.epochs >= 0, "epochs", self.epochs, "0 or more")
        _check(self.optimizer in get_args(Optimizer), "optimizer", self.optimizer, "adam, adamw, rmsprop or sgd")
        _check(self.batch_size >= 1, "batch_size", self.batch_size, "at least 1")
        _check(self.learning_rate > 0.0, "learning_rate", self.learning_rate, "a positive number")
        _check(0.0 <= self.label_smoothing < 1.0, "label_smoothing", self.label_smoothing, "from 0 up to 1")
        patience = self.reduce_on_plateau_patience
        fits = patience <= 0 or self.schedule != "cosine"
        expected = "0 with the cosine schedule, which lowers the rate by itself"
        _check(fits, "reduce_on_plateau_patience", patience, expected)


@dataclass(frozen=True)
class TransferConfig:
    """Which layers a stage trains.

    ``trainable_from`` is "all", "head", "last_30" (any number), or the name of the first layer that trains.
    ``activation_copies`` above 0 runs the frozen layers once over that many augmented copies of the photos and trains
    on the stored activations. ``image_size`` overrides the model's size for this stage (progressive resizing).
    """

    trainable_from: str = "all"
    train_batch_norm: bool = True
    activation_copies: int = 0
    image_size: int | None = None

    def __post_init__(self) -> None:
        _check(self.activation_copies >= 0, "activation_copies", self.activation_copies, "0 or a positive number")
        size = self.image_size
        _check(size is None or 32 <= size <= 512, "image_size", size, "32 to 512 pixels or null")


@dataclass(frozen=True)
class DistillationConfig:
    """Teachers whose answers are learned beside the labels (Hinton et al., 2015, https://arxiv.org/abs/1503.02531).

    ``teachers`` are the names of installed models of the same classes; the mean of their probabilities is the answer.
    Each target is ``share`` of the answer to the photo as the student sees it and the rest of the label;
    ``temperature`` divides the teachers' logits, so that more than 1 softens their answers. ``image_size`` lets them
    see the same part of the photo with another number of pixels than the student, where copies are stored.
    """

    teachers: tuple[str, ...]
    share: float = 0.5
    temperature: float = 1.0
    image_size: int | None = None

    def __post_init__(self) -> None:
        named = bool(self.teachers) and all(self.teachers) and len(set(self.teachers)) == len(self.teachers)
        _check(named, "teachers", self.teachers, "names of installed models, each once")
        size = self.image_size
        _check(size is None or 48 <= size <= 512, "image_size", size, "48 to 512 pixels or null")
        _check(0.0 < self.share <= 1.0, "share", self.share, "a number above 0 and up to 1")
        _check(0.1 <= self.temperature <= 20.0, "temperature", self.temperature, "a number from 0.1 to 20")


@dataclass(frozen=True)
class HintConfig:
    """Feature maps of a pretrained MobileNetV2 that are learned beside the answers (Romero et al., 2015,
    https://arxiv.org/abs/1412.6550).

    ``weight`` is what the mean squared error of the predicted maps weighs in the loss beside the cross-entropy; 0: no
    hints. ``weights`` are those of `MobileNetV2Config`. ``image_size`` is what MobileNetV2 sees, where copies are
    stored: a multiple of 32 times the cells of the student's last feature map.
    """

    weight: float = 0.0
    weights: str = "imagenet"
    image_size: int = 224

    def __post_init__(self) -> None:
        _check(self.weight >= 0.0, "weight", self.weight, "0 or a positive number")
        _check(64 <= self.image_size <= 512, "image_size", self.image_size, "64 to 512 pixels")


@dataclass(frozen=True)
class StageConfig:
    """One stage of a recipe: what trains, how it is fitted, how photos are augmented, what else is learned of them."""

    name: str = "train"
    transfer: TransferConfig = field(default_factory=TransferConfig)
    fit: FitConfig = field(default_factory=FitConfig)
    augmentation: AugmentationConfig = field(default_factory=AugmentationConfig)
    hints: HintConfig = field(default_factory=HintConfig)

    def __post_init__(self) -> None:
        unseen = not self.transfer.activation_copies and bool(self.hints.weight)
        _check(not unseen, "hints.weight", self.hints.weight, "0 in a stage that stores no copies")


@dataclass(frozen=True)
class TrainingConfig:
    """A whole recipe. ``model`` holds the settings of one of the two networks.

    ``distribution`` "mirrored" splits each batch over all accelerators of the computer (TensorFlow only).
    ``logit_adjustment`` takes so many times the logarithm of each class's share of the training photos from its logit
    once training is over, so that rare classes are answered more often (Menon et al., 2021,
    https://arxiv.org/abs/2007.07314). ``statistics_photos`` above 0 measures the statistics of batch normalisation anew
    on so many unchanged training photos before that.
    ``validation_returned`` is about the share of the validation photos that train as well, for the last fit of a recipe
    that they have chosen; the rest of them calibrates it. ``start_from`` names installed models: the first stage goes
    on with the mean of their weights (Wortsman et al., 2022, https://arxiv.org/abs/2203.05482), statistics of batch
    normalisation included.
    """

    model_name: ModelName
    separable_cnn: SeparableCNNConfig | None = None
    mobilenet_v2: MobileNetV2Config | None = None
    stages: tuple[StageConfig, ...] = (StageConfig(),)
    validation_fraction: float = 0.1
    validation_returned: float = 0.0
    max_photos: int | None = None
    seed: int = 20
    distribution: Distribution = "none"
    distillation: DistillationConfig | None = None
    logit_adjustment: float = 0.0
    statistics_photos: int = 0
    start_from: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check(self._settings() is not None, self.model_name, None, f"the settings of {self.model_name}")
        _check(
            0.0 < self.validation_fraction < 0.5,
            "validation_fraction",
            self.validation_fraction,
            "a number between 0 and 0.5",
        )
        back = self.validation_returned
        _check(back == 0.0 or 0.5 <= back <= 0.9, "validation_returned", back, "0 or a number from 0.5 to 0.9")
        once = all(self.start_from) and len(set(self.start_from)) == len(self.start_from)
        _check(once, "start_from", self.start_from, "names of installed models, each once")
        _check(len(self.stages) > 0, "stages", self.stages, "at least one stage")
        trains = bool(self.start_from) or any(stage.fit.epochs for stage in self.stages)
        _check(trains, "epochs", 0, "at least 1 in a run that starts from no model")
        _check(0.0 <= self.logit_adjustment <= 1.0, "logit_adjustment", self.logit_adjustment, "a number from 0 to 1")
        _check(self.statistics_photos >= 0, "statistics_photos", self.statistics_photos, "0 or a positive number")
        stored = all(stage.transfer.activation_copies for stage in self.stages)
        size = self.distillation.image_size if self.distillation else None
        _check(stored or size is None, "image_size", size, "null for teachers of stages without stored copies")

    @property
    def validation_cut(self) -> tuple[float, int | None, int]:
        """What decides which of a folder's photos are validation, before any are given back."""
        return self.validation_fraction, self.max_photos, self.seed

    @property
    def model(self) -> SeparableCNNConfig | MobileNetV2Config:
        """The settings of the network that this recipe trains."""
        settings = self._settings()
        assert settings is not None  # checked on construction
        return settings

    def _settings(self) -> SeparableCNNConfig | MobileNetV2Config | None:
        return self.separable_cnn if self.model_name == "separable_cnn" else self.mobilenet_v2
