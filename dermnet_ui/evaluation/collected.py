"""Every chart and table of the page, for those who take them all: the HTML report and the archive of tables."""

from dermnet_core.evaluation.compare import Comparison, verdict
from dermnet_core.evaluation.curves import precision_recall_curve, roc_curve
from dermnet_core.evaluation.errors_found import most_confused
from dermnet_core.evaluation.leakage import parts
from dermnet_core.evaluation.reliability import abstain_at
from dermnet_core.i18n import N_, _
from dermnet_core.labels import display_name
from dermnet_ui.charts_classes import dumbbell_chart, dumbbell_text
from dermnet_ui.charts_confidence import reliability_chart, risk_chart
from dermnet_ui.charts_confusion import OF_CLASS, confusion_chart, difference_chart, pairs_chart
from dermnet_ui.charts_curves import Line, curves_text, precision_recall_chart, roc_chart
from dermnet_ui.charts_outside import fall_chart, rows_chart
from dermnet_ui.charts_overview import FIRST, SECOND, headline_chart, headline_text, parts_chart
from dermnet_ui.evaluation import confidence, confusion, leaked, outside_figures, overview
from dermnet_ui.evaluation.class_rows import BY_DIFFERENCE, BY_TEST, arranged, class_rows, class_table
from dermnet_ui.evaluation.comparison_table import comparison_table
from dermnet_ui.evaluation.confidence_figures import (
    TITLES,
    abstention_table,
    bins_table,
    calibration_table,
    reliability_text,
    risk_text,
)
from dermnet_ui.evaluation.one_vs_rest import MALIGNANT, MALIGNANT_TITLE, options, rates_table, targets
from dermnet_ui.evaluation.outside_figures import Outside
from dermnet_ui.evaluation.selection import Selection, mismatch
from dermnet_ui.evaluation.tables import Cell, Table
from dermnet_ui.evaluation.terms import PER_CLASS
from dermnet_ui.report_evaluation import Chapter, Chart

_PAIRS = 10


def chapters(selection: Selection, comparison: Comparison | None, outside: Outside | None) -> list[Chapter]:
    """Return the sections of the page with their charts and tables, for the view that is shown."""
    found = [
        _overview(selection, comparison),
        _classes(selection),
        _malignant(selection),
        _confusion(selection),
        _confidence(selection),
        _outside(outside),
    ]
    return [chapter for chapter in found if chapter is not None]


def tables(selection: Selection, comparison: Comparison | None, outside: Outside | None) -> list[Table]:
    """Return every table, the answer to each photo included; what comes beside the shown ones is in English."""
    shown = [table for chapter in chapters(selection, comparison, outside) for table in chapter.tables]
    return [*shown, *(_confusion_table(selection, i) for i in range(len(selection.sides))),
            *(_answers_table(selection, i) for i in range(len(selection.sides)))]  # fmt: skip


def _overview(selection: Selection, comparison: Comparison | None) -> Chapter:
    sides = selection.sides
    sentences = [verdict(comparison, *(side.name for side in sides))] if comparison else []
    sentences += [note] if (note := mismatch(selection)) else []
    charts = [
        Chart(headline_chart(selection, names), title, selection.note, headline_text(selection, names))
        for names, title in ((FIRST, _("First answers and scores")), (SECOND, _("Means over classes")))
    ]
    known = [(side, found) for side in sides if (found := parts(side.evaluation))]
    for side, found in known:
        figure = parts_chart([(side, found)])
        note, title = _("Neighbours: next to a training photo in a series"), _("{name}: top-1 by resemblance")
        charts.append(Chart(figure, title.format(name=side.name), note, leaked.sentence([(side, found)])))
    sentences += [leaked.sentence(known)] if known else []
    found_tables = [overview.figures_table(selection), leaked.views_table(selection)]
    if comparison:
        found_tables.append(comparison_table(comparison, sides[0].name, sides[1].name))
    return Chapter(_("Overview"), tuple(sentences), tuple(charts), tuple(found_tables))


def _classes(selection: Selection) -> Chapter:
    rows, order = class_rows(selection), BY_DIFFERENCE if len(selection.sides) == 2 else BY_TEST
    charts = []
    for figure, term in PER_CLASS.items():
        sorted_rows = arranged(rows, figure, order)
        chart, alt = dumbbell_chart(sorted_rows, selection, figure), dumbbell_text(sorted_rows, selection, figure)
        charts.append(Chart(chart, _("{figure} by class, %").format(figure=term.title), selection.note, alt))
    meanings = tuple(f"{term.title}: {term.meaning}" for term in PER_CLASS.values())
    return Chapter(_("Per class"), meanings, tuple(charts), (class_table(selection),))


def _malignant(selection: Selection) -> Chapter | None:
    """Return the malignant group; None when the models or the photos do not know it."""
    if MALIGNANT not in options(selection):
        return None
    found = targets(selection, MALIGNANT)
    if not all(0 < target.positives < len(target.truth) for target in found):
        return None
    rates = [target.first_answers for target in found]
    lines = [
        Line(target.side.name, target.side.colour, roc_curve(target.scores, target.truth),
             precision_recall_curve(target.scores, target.truth), entry)
        for target, entry in zip(found, rates, strict=True)
    ]  # fmt: skip
    alt = curves_text(lines)
    charts = (
        Chart(roc_chart(lines), _("ROC curve, %"), selection.note, alt),
        Chart(precision_recall_chart(lines), _("Precision and recall, %"), selection.note, alt),
    )
    words = _(
        "Class folders and file names decide what counts; nobody looked at the photos. Diamonds: the first answers."
    )
    table = rates_table(found, rates, N_("Malignant or pre-malignant, first answers"))
    return Chapter(_(MALIGNANT_TITLE), (words,), charts, (table,))


def _confusion(selection: Selection) -> Chapter:
    sides, recall = selection.sides, _("Confusion matrix of {name}, recall in %")
    charts = [
        Chart(confusion_chart(side, OF_CLASS), recall.format(name=side.name), selection.note,
              confusion.matrix_text([side]), wide=True)
        for side in sides
    ]  # fmt: skip
    if selection.paired:
        first, second = sides
        figure, alt = difference_chart(first, second, OF_CLASS), confusion.matrix_text(sides)
        minus = _("{second} minus {first}, points").format(second=second.name, first=first.name)
        charts.append(Chart(figure, minus, selection.note, alt, wide=True))
    found = [(side, most_confused(side.predictions, _PAIRS)) for side in sides]
    longest = max((pair.n for _side, pairs in found for pair in pairs), default=1)
    for side, pairs in found:
        if pairs:
            alt = confusion.pairs_text(side, pairs)
            title = _("{name}: class → called").format(name=side.name)
            charts.append(Chart(pairs_chart(side, pairs, longest), title, selection.note, alt))
    rows: list[tuple[Cell, ...]] = [
        (side.name, display_name(selection.classes[pair.true]), display_name(selection.classes[pair.predicted]),
         pair.n, pair.support, pair.n / pair.support)
        for side, pairs in found for pair in pairs
    ]  # fmt: skip
    head = (_("Model"), _("Photos of"), _("Called"), _("Photos"), _("Of"), _("Share"))
    table = Table(N_("Most confused pairs"), head, tuple(rows), N_("Share in %"))
    return Chapter(_("Confusion"), (), tuple(charts), (table,))


def _confidence(selection: Selection) -> Chapter:
    sides = selection.sides
    found = [confidence.calibration_of(side, selection.view) for side in sides]
    charts = [
        Chart(reliability_chart(curve, side.colour), _(TITLES[when]).format(name=side.name), selection.note,
              reliability_text(side.name, when, curve))
        for when in ("before", "after")
        for side, entry in zip(sides, found, strict=True)
        for curve in [getattr(entry, when)]
    ]  # fmt: skip
    kept = [abstain_at(side.predictions, side.about.abstain_below) for side in sides]
    lines = [confidence.risk_line(side, entry) for side, entry in zip(sides, kept, strict=True)]
    charts.append(Chart(risk_chart(lines), _("Error against photos answered"), selection.note, risk_text(lines)))
    shown = (calibration_table(sides, found), abstention_table(sides, kept), bins_table(sides, found))
    return Chapter(_("Confidence"), (), tuple(charts), shown)


def _outside(found: Outside | None) -> Chapter | None:
    if found is None:
        return None
    sentences = [outside_figures.summary(found), *outside_figures.fall_sentences(found)]
    headline = outside_figures.headline_table(found)
    title = _("Outside photos and photos at home")
    charts = [Chart(fall_chart(found), title, found.home_note, outside_figures.words(headline))]
    for title, make in outside_figures.GROUPS:
        table = make(found)
        if table is not None:
            chart = rows_chart(found, table)
            charts.append(Chart(chart, _(title), found.some_note, outside_figures.words(table)))
            sentences.append(outside_figures.few_sentence(table))
    kept = tuple(sentence for sentence in sentences if sentence)
    return Chapter(_("Outside photos"), kept, tuple(charts), tuple(outside_figures.tables(found)))


def _confusion_table(selection: Selection, number: int) -> Table:
    side = selection.sides[number]
    rows: list[tuple[Cell, ...]] = [
        (label, *counts) for label, counts in zip(selection.classes, side.view.confusion, strict=True)
    ]
    head = ("Photos of the class below, called the class on the right", *selection.classes)
    return Table(f"Confusion counts of {side.name}", head, tuple(rows))


def _answers_table(selection: Selection, number: int) -> Table:
    """Return one row a photo: its class, the first answer and its score."""
    side = selection.sides[number]
    found = side.predictions
    rows = tuple(
        (file, found.classes[label], found.classes[top], float(score), int(label == top))
        for file, label, top, score in zip(
            found.files, found.labels.tolist(), found.top.tolist(), found.confidence.tolist(), strict=True
        )
    )
    return Table(f"Answers of {side.name}", ("File", "Class", "First answer", "Model score", "Right"), rows)
