import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image, ImageFont

from dermnet_core import i18n
from dermnet_ui.case import Case, Refused
from dermnet_ui.export import as_json, report
from dermnet_ui.picture import FONT, picture
from tests.pages.visible import Brackets, in_html, words_left
from tests.ui.cases import LABELS, PSORIASIS

DISCLAIMER = "For research and teaching, not a medical device."


def test_json_has_one_object_a_photo_and_model(disagreeing: Case):
    objects = json.loads(as_json([disagreeing], [Refused("notes.txt", "Expected a photo, found a text file.")]))
    assert [entry.get("model") for entry in objects] == ["separable_cnn", "mobilenet_v2", None]
    assert set(objects[0]) == {"file", "model", "predictions", "abstained", "reasons", "milliseconds", "heatmap"}
    assert objects[1]["predictions"][0]["class"] == PSORIASIS
    assert len(objects[1]["predictions"]) == 23
    assert abs(sum(entry["score"] for entry in objects[1]["predictions"]) - 1) < 1e-4
    assert objects[2] == {"file": "notes.txt", "error": "Expected a photo, found a text file."}


def test_json_tells_a_weak_answer(agreeing: Case):
    weak, strong = json.loads(as_json([agreeing]))
    assert (weak["abstained"], strong["abstained"]) == (True, False)
    assert weak["reasons"] == ["The highest score is only 15: too low to lean on."]


def test_report_needs_nothing_from_outside(disagreeing: Case):
    page = report(disagreeing, "", 0.5, DISCLAIMER)
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!data:)|url\(|@import|<script""", page)
    assert DISCLAIMER in page


def test_report_holds_pictures_lists_and_notes(disagreeing: Case):
    page = report(disagreeing, "", 0.5, DISCLAIMER)
    pictures = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
    assert len(pictures) == 4  # two heatmaps, the photo, the difference
    assert {Image.open(io.BytesIO(base64.b64decode(data))).size for data in pictures} == {(120, 90)}
    assert page.count('<ol class="dn-ranking"') == 2
    assert "The photo is dark." in page
    assert "They disagree: Eczema (CNN) vs Psoriasis, Lichen Planus (MobileNetV2)." in page


def test_report_shows_a_file_name_as_text(disagreeing: Case):
    page = report(disagreeing, "", 0.5, DISCLAIMER)
    assert "arm &amp; &lt;leg&gt;.jpg" in page
    assert "<leg>" not in page


def test_every_picture_of_the_report_has_a_text(disagreeing: Case):
    images = re.findall(r"<img [^>]*>", report(disagreeing, "", 0.5, DISCLAIMER))
    assert len(images) == 6  # with a colour bar in each column
    assert all(re.search(r'alt="[^"]{10,}"', image) for image in images)


def test_picture_shows_both_models_in_their_colours(agreeing: Case):
    image = Image.open(io.BytesIO(picture(agreeing, "", 0.5, DISCLAIMER)))
    assert image.format == "PNG"
    pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    for colour in ((0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)):
        assert (pixels == colour).all(axis=1).sum() > 500
    assert image.width > image.height > 500


def test_picture_follows_class_and_opacity(disagreeing: Case):
    def heatmaps(label: str, opacity: float) -> list[bytes]:
        """Return a part of each column's heatmap."""
        image = Image.open(io.BytesIO(picture(disagreeing, label, opacity, DISCLAIMER)))
        return [image.crop((left + 100, 250, left + 500, 450)).tobytes() for left in (40, 640)]

    cnn_first, mobile_first = heatmaps("", 1.0)
    cnn_eczema, mobile_eczema = heatmaps("Eczema Photos", 1.0)
    assert cnn_first == cnn_eczema  # Eczema is the CNN's first
    assert mobile_first != mobile_eczema
    assert heatmaps("", 0.0)[0] == heatmaps("", 0.0)[1] != cnn_first


def test_the_report_leaves_no_word_in_english(disagreeing: Case, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(i18n, "_asked", lambda: "tr")
    monkeypatch.setattr(i18n, "_catalogue", lambda _code: Brackets())
    page = report(disagreeing, "", 0.5, "")
    own = (disagreeing.key, "arm & <leg>.jpg", "Grad", *disagreeing.answers[0].card.limits, "Teaching", *LABELS)
    assert [text for text in in_html(page) if words_left(text, own)] == []


def test_a_report_in_turkish_says_so_and_the_data_stay_as_they_are(disagreeing: Case, monkeypatch: pytest.MonkeyPatch):
    english = as_json([disagreeing])
    monkeypatch.setattr(i18n, "_asked", lambda: "tr")
    page = report(disagreeing, "", 0.5, "")
    assert '<html lang="tr">' in page
    assert "Ayrı fikirdeler: Egzama (CNN) ve Psoriazis, Liken Planus (MobileNetV2)." in page
    assert as_json([disagreeing]) == english


def test_the_picture_has_a_font_with_turkish_letters():
    font = ImageFont.truetype(FONT, 20)
    missing = bytes(font.getmask("\ue123"))
    assert [letter for letter in "çğıöşüÇĞİÖŞÜ×–…’" if bytes(font.getmask(letter)) == missing] == []
