from knowledge.bank import BANK, read_bank
from knowledge.syllabus import points
from tutoring.bank import families_on, find_problem, find_question, key_in, problems_on, questions_on, told

QUESTIONS = read_bank(BANK).questions


def test_every_pasted_question_is_found_by_its_text_and_by_its_id() -> None:
    assert all(find_question(told(q)) == q and find_question(f" {q.id}\n") == q for q in QUESTIONS)


def test_options_in_another_order_keep_the_answer_not_the_letter() -> None:
    question = QUESTIONS[0]
    mixed = dict(zip("ABCD", reversed(question.options), strict=True))
    pasted = question.stem.replace("，", ", ") + "\n" + "\n".join(f"（{a}）{b}" for a, b in mixed.items())
    assert find_question(f"老师这道题怎么做？\n{pasted}") == question
    assert mixed[key_in(question, mixed)] == question.answer
    assert key_in(question, {}) == question.key


def test_what_is_not_in_the_bank() -> None:
    assert find_question("死锁的必要条件是什么？") is None and find_problem("死锁") is None


def test_problems_by_id_and_by_stem() -> None:
    problem = read_bank(BANK).problems[3]
    assert find_problem(f"批改 {problem.id}：我的答案是 3") == problem and find_problem(problem.stem + "\n我的答案") == problem


def test_what_there_is_on_a_point() -> None:
    point = points()["os.5.5"]
    assert all("os.5.5" in q.points for q in questions_on([point])) and questions_on([point])
    assert [f.id for f in families_on([point])] and all("os.5.5" in p.points for p in problems_on([point]))
