import pytest

from rag.fence import FencedPassage
from rag.quoting import select_quotes

LOCK = FencedPassage(
    1,
    "死锁 > 必要条件",
    "死锁的四个必要条件如下：\n- 互斥：资源一次只能由一个进程使用。\n- 请求并保持：占有资源又提出新请求。\n"
    "- 不剥夺：资源不能被强行夺走。\n- 循环等待：进程之间形成环路。\n银行家算法用来避免死锁。",
)
WORKING = FencedPassage(
    2, "虚拟内存", "抖动与工作集有关。工作集（Working Set）是指一段时间内进程访问的页面的集合。驻留集应不小于工作集。"
)
SORTS = FencedPassage(3, "排序 > 比较", "各种排序的比较见下表。\n算法\t平均时间\n快速排序\tO(n log n)\n冒泡排序\tO(n^2)")
SHAKE = FencedPassage(4, "TCP", "TCP 采用三次握手建立连接。采用三次握手的原因是防止已失效的连接请求又传到服务器。")
STACKS = FencedPassage(
    6, "栈和队列", "队列的应用有缓冲区、层次遍历和作业调度。栈与队列的区别是：栈在同一端进出，队列在两端进出。"
)
HUFFMAN = FencedPassage(
    7, "树 > 哈夫曼树的构造", "1. 选出权值最小的两棵树合并。\n2. 重复直到只剩一棵树。\n哈夫曼树不唯一，但带权路径长度最小。"
)
ALL = [STACKS, HUFFMAN, SHAKE, WORKING, SORTS, LOCK]


def test_a_list_is_quoted_whole_with_its_lead_in() -> None:
    first = select_quotes("死锁的必要条件有哪些？", ALL)[0]
    assert first.n == 1 and first.text.startswith("死锁的四个必要条件如下") and first.text.endswith("形成环路。")


@pytest.mark.parametrize(
    ("question", "n", "words"),
    [
        ("什么是工作集？", 2, "工作集（Working Set）是指"),
        ("TCP 为什么采用三次握手？", 4, "原因是防止"),
        ("各种排序的时间比较", 3, "快速排序\tO(n log n)"),
        ("栈和队列有什么不同？", 6, "栈与队列的区别是"),
        ("怎么构造哈夫曼树", 7, "1. 选出权值最小的两棵树"),
    ],
)
def test_the_form_that_the_question_asks_for(question: str, n: int, words: str) -> None:
    first = select_quotes(question, ALL)[0]
    assert first.n == n and words in first.text


def test_quotes_are_literal_distinct_and_few() -> None:
    twin = FencedPassage(5, "死锁 > 必要条件", LOCK.text)
    quotes = select_quotes("死锁的必要条件有哪些？", [LOCK, twin])
    assert all(q.text in LOCK.text for q in quotes)
    assert len({q.text for q in quotes}) == len(quotes) <= 3
    assert sum(q.text == quotes[0].text for q in quotes) == 1


def test_nothing_to_quote() -> None:
    assert select_quotes("红烧肉怎么做？", ALL) == []
    assert select_quotes("死锁", []) == []


def test_a_table_cut_below_its_header_begins_with_a_row() -> None:
    cut = FencedPassage(1, "进程与线程的比较", "| --- | --- |\n| 资源 | 进程是资源分配的单位 |\n| 调度 | 线程是调度的单位 |")
    (quote, *_) = select_quotes("进程与线程的比较", [cut])
    assert quote.text.startswith("| 资源")


def test_a_remark_below_a_list_is_no_item_of_it() -> None:
    noted = FencedPassage(1, "死锁", LOCK.text.replace("\n银行家", "\n**注意**：四个条件缺一不可。\n银行家"))
    assert select_quotes("死锁的必要条件有哪些？", [noted])[0].text.endswith("形成环路。")


THRASHING = FencedPassage(
    1, "虚拟内存 > 工作集与抖动", "抖动的根本原因是系统中同时运行的进程太多，分配给每个进程的页框太少。抖动使处理机利用率下降。"
)
FAULTS = FencedPassage(
    2,
    "操作系统 > 缺页",
    "操作系统处理缺页的步骤如下：\n1. 操作系统检查地址是否合法。\n2. 操作系统启动磁盘读入所缺页，产生一次阻塞。\n3. 操作系统重新执行指令。",
)


def test_how_something_arises_asks_for_a_cause_and_the_subjects_name_only_says_where() -> None:
    quotes = select_quotes("操作系统里抖动是怎么产生的", [FAULTS, THRASHING])
    assert quotes[0].text.startswith("抖动的根本原因") and all(quote.n == 1 for quote in quotes)


def test_related_terms_order_what_shares_words_and_let_nothing_in_alone() -> None:
    passage = FencedPassage(1, "内存", "内存的容量有限。页面频繁换入换出称为抖动。")
    assert select_quotes("内存老是换来换去叫什么", [passage], {"抖动": 1.0})[0].text.startswith("页面频繁")
    assert not any(quote.text.startswith("页面频繁") for quote in select_quotes("内存老是换来换去叫什么", [passage], {}))
    assert select_quotes("红烧肉怎么做", [passage], {"抖动": 1.0}) == []
