import re

from dermnet_ui.case import Case
from dermnet_ui.markup import agreement_line, model_heading, notes_list, plain, ranked_list, score_table, verdicts


def text(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def test_ranked_list_shows_five_classes_best_first(disagreeing: Case):
    markup = ranked_list(disagreeing.answers[0])
    assert markup.count("<li>") == 5
    assert text(markup).startswith("Eczema 62 Psoriasis, Lichen Planus 17")
    assert "width:62.0%" in markup
    assert "--model:#0072B2" in markup


def test_ranked_list_has_a_name_for_screen_readers(disagreeing: Case):
    assert 'aria-label="MobileNetV2: the 5 classes with the highest model scores, 0 to 100"' in ranked_list(
        disagreeing.answers[1]
    )


def test_heading_names_the_model_and_its_time(disagreeing: Case):
    assert text(model_heading(disagreeing.answers[1])) == "MobileNetV2 7 ms"


def test_agreement_is_told_by_sign_and_words(agreeing: Case, disagreeing: Case):
    assert text(agreement_line(disagreeing)).startswith("≠ They disagree:")
    assert text(agreement_line(agreeing)).startswith("= Both say Urticaria, Hives.")
    assert "Do not lean on the answer of CNN" in agreement_line(agreeing)


def test_verdicts_name_both_models_for_screen_readers(disagreeing: Case):
    assert text(verdicts(disagreeing)) == "CNN: Eczema 62 MobileNetV2: Psoriasis, Lichen Planus 81 ≠ they disagree"


def test_score_table_has_every_class_and_its_photos(disagreeing: Case):
    rows = re.findall(r"<tr>.*?</tr>", score_table(disagreeing))
    assert len(rows) == 1 + 23
    assert text(rows[1]) == "Psoriasis, Lichen Planus 17 81 400"


def test_notes_are_shown_as_text():
    assert notes_list(()) == ""
    assert "&lt;b&gt;" in notes_list(("<b>",))


def test_a_file_name_is_no_markdown():
    assert plain("a_b*[x](y).jpg") == r"a\_b\*\[x\]\(y\)\.jpg"
