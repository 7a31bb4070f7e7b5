"""The methods of tf-keras-vis that are offered beside Grad-CAM; TensorFlow is loaded when one is computed."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dermnet_core.errors import ConfigError
from dermnet_core.explain.gradcam import Heatmap, normalised
from dermnet_core.i18n import N_

if TYPE_CHECKING:
    import keras

METHODS = {
    "gradcam++": "Grad-CAM++",
    "scorecam": "Score-CAM",
    "saliency": N_("Saliency"),
    "smoothgrad": "SmoothGrad",
}
"""Key -> title; the others are proper names."""

_SCORE_CAM_CHANNELS = 10  # with all of them a photo takes a minute and 5 GB
_SMOOTHGRAD_SAMPLES = 20


def check_method(method: str) -> None:
    """Refuse a method that is not offered.

    Raises:
        ConfigError: the method is none of METHODS.
    """
    if method not in METHODS:
        raise ConfigError(f"Expected one of the methods {', '.join(METHODS)}, found {method!r}. Choose one of these.")


def compute(model: "keras.Model", rgb: NDArray[np.uint8], class_index: int, method: str) -> Heatmap:
    """Return the map of one class by one method.

    Args:
        model: raw RGB 0-255 in, logits out, the last feature map named ``features``.
        rgb: a photo squashed to the model's size, uint8 (s, s, 3).
        class_index: column of the logits.
        method: a key of METHODS.

    Returns:
        A map of the size of the last feature map for the two CAM methods, of (s, s) for the other two.

    Raises:
        ConfigError: the method is none of METHODS.
    """
    check_method(method)
    from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
    from tf_keras_vis.saliency import Saliency
    from tf_keras_vis.scorecam import Scorecam
    from tf_keras_vis.utils.scores import CategoricalScore

    score, photo = CategoricalScore([class_index]), rgb[np.newaxis].astype(np.float32)
    # Named, because left to itself the library takes the last convolution, before its normalisation and activation.
    at: dict[str, Any] = {"penultimate_layer": "features", "seek_penultimate_conv_layer": False}
    if method == "gradcam++":
        found = GradcamPlusPlus(model)(score, photo, **at, expand_cam=False, normalize_cam=False)
    elif method == "scorecam":
        channels = min(_SCORE_CAM_CHANNELS, model.get_layer("features").output.shape[-1])
        found = Scorecam(model)(score, photo, **at, max_N=channels, expand_cam=False, normalize_cam=False)
    else:
        np.random.seed(0)  # the library draws SmoothGrad's noise from here; the same photo shall give the same map
        samples = _SMOOTHGRAD_SAMPLES if method == "smoothgrad" else 0
        found = Saliency(model)(score, photo, smooth_samples=samples, normalize_map=False)
    return normalised(np.asarray(found)[0])
