from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from langchain_core.documents import Document

from errors import EmptyStoreError
from eval.exams.asking import Reply
from eval.exams.evidence import EvidenceAsker
from eval.exams.evidence_claims import read_claims
from eval.exams.samples import EVIDENCE, Sample
from knowledge.questions import LETTERS, Question
from rag.retrieval import Retriever
from settings import Settings
from vector_db.embeddings import SentenceTransformerEmbeddings
from vector_db.lexical import LexicalIndex
from vector_db.store import CourseStore, chroma_client

TEXTS = {
    "死锁": "死锁是指多个进程因竞争资源而互相等待的状态。产生死锁的四个必要条件是互斥条件、请求和保持条件、不可剥夺条件、循环等待条件。",
    "避免死锁": "银行家算法用于避免死锁，系统在分配资源之前先检查安全性。资源有序分配法破坏循环等待条件，用于预防死锁。",
    "进程状态": "进程的基本状态有就绪状态、运行状态和阻塞状态。时间片用完的进程由运行状态转为就绪状态。",
    "线程": "同一进程的各个线程共享进程的地址空间。线程是处理机调度的基本单位，进程是资源分配的基本单位。",
    "页面置换": "页面置换算法中，先进先出算法会出现Belady异常。最近最久未使用算法不会出现Belady异常。",
}


def chunk(number: int, section: str, text: str) -> Document:
    place = {"source": "os.md", "document": "00", "subject": "os", "page": number, "section": f"操作系统 > {section}"}
    links = {"previous": "", "next": "", "boxes": "[]", "position": number}
    return Document(id=f"c{number}", page_content=text, metadata=place | links)


CHUNKS = [chunk(number, section, text) for number, (section, text) in enumerate(TEXTS.items(), 1)]


@pytest.fixture
def store(settings: Settings, embeddings: SentenceTransformerEmbeddings) -> CourseStore:
    return CourseStore(chroma_client(settings), embeddings, LexicalIndex(settings.vector_db_dir / "lexical"))


@pytest.fixture
def asker(store: CourseStore) -> EvidenceAsker:
    store.replace("os.md", "os", CHUNKS)
    return EvidenceAsker(Retriever(store))


def question(stem: str, *options: str, subject: str = "os") -> Question:
    a, b, c, d = options
    return Question("q", subject, stem, (a, b, c, d), "A", "", (), 3)


BANKER = question("用于避免死锁的算法是", "先进先出算法", "银行家算法", "时间片轮转算法", "最近最久未使用算法")
NECESSARY = question("下列选项中，不属于产生死锁的必要条件的是____。", "互斥条件", "循环等待条件", "时间片用完", "请求和保持条件")
STATES = question(
    "下列状态中，属于进程基本状态的是\nⅠ. 就绪状态\nⅡ. 挂号状态\nⅢ. 阻塞状态", "仅Ⅰ、Ⅱ", "仅Ⅰ、Ⅲ", "仅Ⅱ、Ⅲ", "Ⅰ、Ⅱ、Ⅲ"
)
BELADY = question(
    "下列关于页面置换算法的叙述中，正确的是",
    "先进先出算法不会出现Belady异常",
    "先进先出算法会出现Belady异常",
    "最近最久未使用算法会出现Belady异常",
    "银行家算法会出现Belady异常",
)


def told(asker: EvidenceAsker, one: Question, rotation: int = 0) -> tuple[str, Reply]:
    """The text of the chosen option, and the reply."""
    sample = Sample(one, rotation, EVIDENCE, True)
    reply = asker.ask(sample)
    return sample.options[LETTERS.index(reply.letter)] if reply.letter else "", reply


def test_a_fact_that_stands_in_the_documents(asker: EvidenceAsker) -> None:
    answer, reply = told(asker, BANKER)
    assert answer == "银行家算法" and reply.reason == "" and reply.prompt == reply.raw == ""
    assert set(reply.scores) == set(LETTERS) and max(reply.scores, key=lambda x: reply.scores[x] or 0) == reply.letter
    first = reply.passages[0]
    assert (first.chunk_id, first.source, first.page, first.text) == ("c2", "os.md", 2, TEXTS["避免死锁"])


def test_a_negative_stem_asks_for_what_the_documents_do_not_say(asker: EvidenceAsker) -> None:
    assert told(asker, NECESSARY)[0] == "时间片用完"


def test_the_same_options_without_the_negation(asker: EvidenceAsker) -> None:
    positive = question("产生死锁的必要条件有", *NECESSARY.options)
    assert told(asker, positive)[0] != "时间片用完"


def test_statements_are_weighed_one_by_one_and_combined(asker: EvidenceAsker) -> None:
    answer, reply = told(asker, STATES)
    assert answer == "仅Ⅰ、Ⅲ" and reply.passages[0].chunk_id == "c3"


def test_an_option_that_denies_what_the_documents_affirm_loses(asker: EvidenceAsker) -> None:
    assert told(asker, BELADY)[0] == "先进先出算法会出现Belady异常"


def test_nothing_found_is_no_answer(asker: EvidenceAsker) -> None:
    foreign = question("法国大革命爆发于", "1789年", "1799年", "1804年", "1815年", subject="cn")
    reply = asker.ask(Sample(foreign, mode=EVIDENCE))
    assert reply.letter is None and reply.reason.startswith("资料里没有依据") and not reply.passages and not reply.scores


def test_numbers_are_not_alike_by_their_digits(asker: EvidenceAsker, store: CourseStore) -> None:
    store.replace("ip.md", "os", [chunk(9, "地址", "页面大小为4096字节，页号有20位。")])
    assert told(asker, question("页面大小为", "409字节", "4096字节", "40960字节", "96字节"))[0] == "4096字节"


def test_documents_of_another_subject_answer_where_the_own_has_none(asker: EvidenceAsker) -> None:
    misfiled = question(BANKER.stem, *BANKER.options, subject="cn")
    assert told(asker, misfiled)[0] == "银行家算法"


def test_a_subject_that_is_none_of_ours(asker: EvidenceAsker) -> None:
    assert told(asker, question(BANKER.stem, *BANKER.options, subject="计算机"))[0] == "银行家算法"


@pytest.mark.parametrize("one", [BANKER, NECESSARY, STATES, BELADY])
def test_the_same_option_is_chosen_wherever_it_stands(asker: EvidenceAsker, one: Question) -> None:
    answers = [told(asker, one, rotation) for rotation in range(4)]
    assert len({answer for answer, _ in answers}) == 1
    for rotation, (_, reply) in enumerate(answers):
        back = {Sample(one, rotation).original(letter): score for letter, score in reply.scores.items()}
        assert back == dict(answers[0][1].scores)
        assert [p.chunk_id for p in reply.passages] == [p.chunk_id for p in answers[0][1].passages]


@pytest.mark.parametrize("rotation", range(4))
def test_options_of_equal_weight_are_not_told_apart_by_their_letter(asker: EvidenceAsker, rotation: int) -> None:
    tied = question("属于进程基本状态的是\n① 就绪状态\n② 就绪状态\n③ 阻塞状态", "②③", "③①", "①③", "③②")
    answer, reply = told(asker, tied, rotation)
    assert answer == "" and "分不出" in reply.reason and len(set(reply.scores.values())) == 1 and reply.passages


def test_asking_again_and_at_once_gives_the_same(asker: EvidenceAsker) -> None:
    samples = [Sample(one, rotation, EVIDENCE, True) for one in (BANKER, NECESSARY, STATES, BELADY) for rotation in range(4)]
    alone = [asker.ask(sample) for sample in samples]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(asker.ask, samples)) == alone


def test_an_empty_store_is_told(store: CourseStore) -> None:
    with pytest.raises(EmptyStoreError):
        EvidenceAsker(Retriever(store)).ask(Sample(BANKER, mode=EVIDENCE))


@pytest.mark.parametrize(
    ("stem", "options", "texts", "held"),
    [
        ("属于网络层的是\nⅠ．IP\nⅡ．TCP\nⅢ．ICMP", ["仅Ⅰ", "Ⅰ和Ⅲ", "只有Ⅱ、Ⅲ", "Ⅰ、Ⅱ和Ⅲ"], ("IP", "TCP", "ICMP"), [{0}, {0, 2}, {1, 2}, {0, 1, 2}]),
        ("下列属于设备的是( )I. 网桥 II. 软件 III. 路由器", ["I、II", "I、III", "II、III", "II"], ("网桥", "软件", "路由器"), [{0, 1}, {0, 2}, {1, 2}, {1}]),
        ("①栈；②队列；③树\n其中线性的有", ["①②", "①③", "②③", "①②③"], ("栈", "队列", "树"), [{0, 1}, {0, 2}, {1, 2}, {0, 1, 2}]),
        ("次序是\n①甲\n②乙", ["①②", "②①", "①②", "②①"], ("①②", "②①"), [{0}, {1}, {0}, {1}]),
        ("共有几个 I/O 接口", ["Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"], ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"), [{0}, {1}, {2}, {3}]),
        ("长度是", ["12", "21", "2", "1"], ("1", "12", "2", "21"), [{1}, {3}, {2}, {0}]),
    ],
)  # fmt: skip
def test_claims(stem: str, options: Sequence[str], texts: tuple[str, ...], held: Sequence[set[int]]) -> None:
    claims = read_claims(stem, options)
    assert (claims.texts, list(claims.held), claims.negated) == (texts, list(map(frozenset, held)), False)


def test_what_statements_say_is_not_what_is_asked() -> None:
    claims = read_claims("下列关于死锁的叙述中，正确的是\nⅠ. 不可能出现环\nⅡ. 死锁不属于饥饿", ["仅Ⅰ", "仅Ⅱ", "Ⅰ和Ⅱ", "Ⅱ"])
    assert (claims.topic, claims.negated) == ("死锁", False)
