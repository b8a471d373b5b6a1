"""'In two minutes': four answers, each in a line, how sure we are of it, and why for who asks."""

from pipeline.report.again import again_said
from pipeline.report.certainty import MARKS
from pipeline.report.four_sentences import Answer, beyond, four_answers
from pipeline.report.fragment import Fragment, ids, text
from pipeline.report.questions.cost import cost_in_brief
from pipeline.report.released import Released
from pipeline.report.words import CANNOT, OPEN, SURE, TURNS, UNSURE

CLASSES = {SURE: "sure", OPEN: "open", CANNOT: "cannot", UNSURE: "open", TURNS: "open"}
READING = "In brackets: the likely range, of similar people compared. What is told by level compares nobody."
LOOKS = {"Better": "good", "Not worse": "good", "Worse": "bad", "Slightly worse": "bad", "Watch": "bad"}


def in_short(released: Released) -> Fragment:
    """The box that a director reads first."""
    answers, (more, others) = four_answers(released), beyond(released)
    items = "".join(item(one) for one in answers)
    costs = released.rows(question="C7", analysis="claim", measure="cost_difference")[:1]
    told = [cost_in_brief(one) + again_said(released, one) for one in costs]
    also = "".join(f'<p class="note">{text(one)}</p>' for one in (*told, more) if one)
    return Fragment(
        f'<section class="lead"><h2>In two minutes</h2><ol class="answers">{items}</ol>{also}'
        f'<p class="note">{text(READING)}</p></section>',
        tuple(dict.fromkeys((*(one for answer in answers for one in answer.result_ids), *others, *ids(costs)))),
    )


def item(answer: Answer) -> str:
    """An answer: its word, its point, its number and tag; below it, folded, why."""
    mark = MARKS.get(answer.word, "")
    sign = f'<span aria-hidden="true">{mark}</span> ' if mark else ""
    word = f'<span class="word {LOOKS.get(answer.word, "plain")}">{sign}{text(answer.word)}</span>'
    number = f" {text(answer.number)}" if answer.number else ""
    said = f"<p><strong>{text(answer.point)}</strong>{number}{tag(answer.tag)}</p>"
    reasons = "".join(f"<li>{text(one)}</li>" for one in answer.why)
    why = f"<details><summary>Why</summary><ul>{reasons}</ul></details>" if reasons else ""
    return f"<li>{word}<div>{said}{why}</div></li>"


def tag(words: str) -> str:
    return f' <span class="tag {CLASSES[words]}">{words}</span>' if words else ""
