"""The threshold of answering. Run as: python -m bench.refusal [QUESTIONS...] (over the knowledge base of TUTOR_DATA_DIR)

Prints the confidence of short questions with and without an answer in course documents of the four subjects and, for the
question files given, the quantiles of their stems.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import quantiles

from bench.questions import read_questions
from knowledge.subjects import SUBJECTS
from rag.retrieval import ANSWERABLE, Retriever
from settings import load_settings
from vector_db.store import open_store

INSIDE = (
    "死锁产生的四个必要条件是什么？ 什么是虚拟内存？ TCP三次握手的过程 快速排序的平均时间复杂度是多少？ B树和B+树有什么区别？ 什么是Cache的全相联映射？ "
    "拥塞控制有哪些算法？ 进程和线程的区别是什么？ 什么是银行家算法？ 哈夫曼树怎么构造？ 补码怎么表示？ 流水线有哪几种冒险？ DMA方式和中断方式的区别？ "
    "ARP协议的作用是什么？ 什么是Belady异常？ 堆排序是稳定的吗？ 页面置换算法有哪些 子网掩码的作用 什么是抖动 RIP和OSPF的区别 CRC校验怎么算 "
    "索引文件最大长度怎么计算 临界区互斥要遵循哪些原则 拓扑排序的步骤是什么"
).split()
OUTSIDE = (
    "今天北京的天气怎么样？ 苹果手机的价格是多少？ 红烧肉怎么做？ 唐朝的开国皇帝是谁？ 牛顿第二定律的内容是什么？ 光合作用的过程是什么？ 如何办理护照？ "
    "世界杯冠军是哪个国家？ 维生素C的作用有哪些？ 量子纠缠是什么？ 勾股定理怎么证明？ 李白的代表作有哪些？ 血压高应该吃什么？ 怎么养金鱼？ 法国的首都是哪里？ "
    "股票和基金有什么区别？ 鲁迅写过哪些小说？ 地震是怎样形成的？ 如何学习游泳？ 什么是通货膨胀？ 贝叶斯定理的公式是什么？ 细胞膜的结构是什么？ 二战什么时候结束？"
).split()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.refusal", description="测量拒答的阈值。")
    parser.add_argument("questions", nargs="*", type=Path)
    options = parser.parse_args()
    retriever = Retriever(open_store(load_settings()))
    inside = sorted(retriever.retrieve(q).confidence for q in INSIDE)
    outside = sorted(retriever.retrieve(q).confidence for q in OUTSIDE)
    print(f"阈值 {ANSWERABLE}：应答的 {len(inside)} 问中答了 {sum(c >= ANSWERABLE for c in inside)}；", end="")
    print(f"不应答的 {len(outside)} 问中拒了 {sum(c < ANSWERABLE for c in outside)}")
    print(f"应答的最低五个：{[round(c, 2) for c in inside[:5]]}；不应答的最高五个：{[round(c, 2) for c in outside[-5:]]}")
    stems = [q["question"] for q in read_questions(options.questions) if q["subject"] in SUBJECTS]
    if stems:
        cuts = quantiles((retriever.retrieve(stem).confidence for stem in stems), n=20)
        print(f"{len(stems)} 道题干的置信度：5% {cuts[0]:.2f}，10% {cuts[1]:.2f}，50% {cuts[9]:.2f}")


if __name__ == "__main__":
    main()
