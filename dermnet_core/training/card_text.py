"""What every model card says in words; cards are written in English, and `retold` translates them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from dermnet_core.artifacts import WEIGHTS, ModelCard
from dermnet_core.config import TrainingConfig
from dermnet_core.i18n import N_
from dermnet_core.labels import display_name

TITLES = {"separable_cnn": N_("Separable CNN"), "mobilenet_v2": "MobileNetV2"}

INTENDED_USE = N_(
    "Research and teaching: to show which class of the atlas has photos that look most like a given one, and where the "
    "model looked. Not a medical device; not for decisions about anyone's health."
)

SCRIPTED = N_("Fitted on a GPU by a script with this recipe, not by the command; docs/RESULTS.md says what differs.")
"""Of weights that were not fitted by the command of their card, which was given the line by hand."""

_OF = N_("Of the model {model}:")
N_("Of that model:")  # in cards of before there were several

THIN = 50
"""Photos in training below which a class is called thin."""


def limits(train_counts: Mapping[str, int]) -> tuple[str, ...]:
    """Say what a reader must not expect of a model trained on so many photos per class."""
    thin = [f"{display_name(label)} ({n})" for label, n in train_counts.items() if n < THIN]
    sentences = [
        N_("Knows only the classes of its atlas; every other photo is still given one of them."),
        N_(
            "Atlas photos show pronounced cases, mostly on light skin, chosen by dermatologists; other photos fare "
            "worse."
        ),
        N_(
            "Test photos often show the same patient as train photos, so figures on photos from elsewhere will be "
            "lower."
        ),
        N_("The class Melanoma, Nevi, Moles is mostly naevi: a high score there does not mean melanoma."),
        N_("A sharper or softer photo of the same skin can get another answer."),
        N_("Grad-CAM shows where the evidence for a class lies in the last feature map, not why."),
    ]
    if thin:
        sentences.insert(0, N_("Trained on very few photos of: {classes}.").format(classes=", ".join(thin)))
    return tuple(sentences)


def provenance(
    config: TrainingConfig,
    teachers: Sequence[ModelCard] = (),
    before: Sequence[ModelCard] = (),
    control: str | None = None,
) -> tuple[str, ...]:
    """Say where the photos, the starting weights, what teachers knew and the temperature come from."""
    photos = N_(
        "Trained on photos in the layout of the DermNet atlas set; they are the property of Dermnet.com and are not "
        "part of this repository."
    )
    hinted = any(stage.hints.weight for stage in config.stages)
    if before:
        start = tuple(_went_on(before))
    elif config.model_name == "mobilenet_v2":
        start = (N_("Weights: started from ImageNet weights of MobileNetV2 (TF-Slim, Apache-2.0)."),)
    elif teachers or hinted:
        start = (N_("Weights: random start."),)
    else:
        start = (N_("Weights: random start; no other data or model was involved."),)
    maps = N_("Also learned the feature maps of MobileNetV2 with ImageNet weights (TF-Slim, Apache-2.0).")
    earlier = chain.from_iterable((_OF.format(model=each.name), *each.provenance[1:]) for each in before)
    return photos, *start, *_taught(teachers), *((maps,) if hinted else ()), *_controlled(control), *earlier


def _controlled(control: str | None) -> Iterator[str]:
    if control:
        yield N_(
            "Temperature: fitted on the validation photos that were left, then multiplied by the temperature of the "
            "model {model} on all of them over its temperature on those that were left."
        ).format(model=control)


def _went_on(before: Sequence[ModelCard]) -> Iterator[str]:
    told = N_("Weights: went on from the model {model} (weights {digest}…).")
    for card in before:
        yield told.format(model=card.name, digest=card.sha256[WEIGHTS][:12])
    if len(before) > 1:
        yield N_("Weights: the start was the mean of the weights of these models.")


def _taught(teachers: Sequence[ModelCard]) -> Iterator[str]:
    told = N_("Learned from the answers of the model {teacher} (weights {digest}…) as well as from the labels.")
    for teacher in teachers:
        yield told.format(teacher=teacher.name, digest=teacher.sha256[WEIGHTS][:12])
    if any(teacher.architecture == "mobilenet_v2" for teacher in teachers):
        yield N_("What its teacher knew from ImageNet weights has therefore reached it.")
