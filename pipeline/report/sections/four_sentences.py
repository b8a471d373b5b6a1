"""'In short': four sentences and how sure we are of each."""

from pipeline.report.four_sentences import four_sentences, in_order
from pipeline.report.fragment import Fragment, text
from pipeline.report.released import Released
from pipeline.report.words import CANNOT, OPEN, SURE, for_whom

CLASSES = {SURE: "sure", OPEN: "open", CANNOT: "cannot"}


def in_short(released: Released) -> Fragment:
    """The box that a director reads first."""
    sentences = four_sentences(released)
    items = "".join(
        f"<li><strong>{text(one.point)}</strong> {text(one.detail)}{tag(one.tag)}</li>" for one in sentences
    )
    bound = for_whom(in_order(released))
    note = f'<p class="note">{text(bound)}</p>' if bound else ""
    return Fragment(
        f'<section class="lead"><h2>In short</h2><ol>{items}</ol>{note}</section>',
        tuple(dict.fromkeys(one for sentence in sentences for one in sentence.result_ids)),
    )


def tag(words: str) -> str:
    return f' <span class="tag {CLASSES[words]}">{words}</span>' if words else ""
