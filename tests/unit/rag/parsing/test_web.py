import pytest

from errors import DamagedDocumentError, EmptyDocumentError
from rag.parsing.page import Page
from rag.parsing.web import _seen, decode_html, html_blocks, parse_html


def texts(html: str) -> list[str]:
    return [block.text for block in html_blocks(html)]


def test_headings_paragraphs_and_what_is_hidden(write) -> None:
    html = "<html><body><h1>路由</h1><p>路由选择协议有 RIP 与 OSPF。</p><script>alert(1)</script><p style='display:none'>暗中\u200b的话</p><p>明\u200b处</p></body></html>"
    (page,) = parse_html(write("a.html", html), 1)
    assert isinstance(page, Page)
    assert [(b.kind, b.text) for b in page.blocks] == [
        ("title", "路由"),
        ("text", "路由选择协议有 RIP 与 OSPF。"),
        ("text", "明处"),
    ]


def test_navigation_scripts_styles_and_comments_are_dropped() -> None:
    html = "<body><nav>首页</nav><div role='navigation'>上一页</div><style>p{}</style><script>var x</script><!-- 批注 -->"
    assert texts(html + "<template>样板</template><noscript>请启用脚本</noscript><p>正文在这里。</p></body>") == ["正文在这里。"]


def test_figures_details_forms_and_labels_are_read() -> None:
    html = (
        "<figure><pre>int  a;\n    b;</pre><figcaption>图一 变量的声明。</figcaption></figure><details>展开后的解释。</details>"
    )
    assert texts(html + "<form><label>表单里的选项。</label></form>") == [
        "int  a;\n    b;",
        "图一 变量的声明。",
        "展开后的解释。",
        "表单里的选项。",
    ]


def test_powers_keep_their_meaning_and_pinyin_is_left_out() -> None:
    assert texts("<p>共有2<sup>10</sup>个<ruby>字<rt>zi</rt></ruby>节<sup>[1]</sup>。</p>") == ["共有2^10个字节[1]。"]


@pytest.mark.parametrize(
    ("encoding", "head"),
    [
        ("gbk", "<meta charset=gb2312>"),
        ("gbk", ""),
        ("big5", '<meta http-equiv="Content-Type" content="text/html; charset=Big5">'),
        ("utf-16", ""),
        ("utf-8-sig", "<meta charset=gbk>"),
        ("utf-8", "<meta charset='no-such-thing'>"),
        ("utf-8", "<meta charset=gbk>"),
        ("gbk", "<meta charset='hex'>"),
        ("big5", '<?xml version="1.0" encoding="big5"?>'),
    ],
)
def test_encodings(encoding: str, head: str) -> None:
    assert "計算機網路與進程" in decode_html(f"{head}<p>計算機網路與進程</p>".encode(encoding))


def test_bytes_in_no_encoding() -> None:
    with pytest.raises(DamagedDocumentError, match="编码无法识别"):
        decode_html(b"<p>\xff\xff\xff</p>")
    with pytest.raises(DamagedDocumentError, match="编码无法识别"):
        decode_html(b"\xff\xfe\x00")


@pytest.mark.parametrize("tag", ["div", "span", "ul><li", "blockquote", "table><tr><td", "b"])
def test_deep_nesting_loses_no_text(tag: str) -> None:
    closing = "".join(f"</{name}>" for name in reversed(tag.split("><")))
    html = "<p>开头的话在这里。</p>" + f"<{tag}>" * 3000 + "深处的文字在这里。" + closing * 3000 + "<p>结尾的话在这里。</p>"
    joined = "".join(texts(f"<html><body>{html}</body></html>"))
    assert all(word in joined for word in ("开头的话", "深处的文字", "结尾的话"))


def test_deep_down_paragraphs_stay_whole_and_navigation_is_left_out() -> None:
    inside = "<script>var x</script><!-- 批注 --><nav>首页</nav><p>进<b>程</b>是资源分配的单位。</p><p>线程是调度的单位。</p>"
    assert texts("<div>" * 200 + inside + "</div>" * 200) == ["进程是资源分配的单位。", "线程是调度的单位。"]


def test_a_long_line_costs_no_more_than_its_length() -> None:
    import time

    texts("<p>先装入分词器。</p>")
    started = time.process_time()
    assert texts(f"<p>{'x' * (1 << 20)}</p>")
    assert time.process_time() - started < 8, "the quadratic classification took forty seconds"


def test_thousands_of_attributes_are_left_out_and_few_stay() -> None:
    many = " ".join(f"a{i}=1" for i in range(300))
    seen = _seen(f"<p {many}>进程是资源分配的单位。</p><p class=note>线程是调度的单位。</p>", lambda source: "")
    assert "a7=" not in seen and 'class="note"' in seen and "进程是资源分配的单位。" in seen


def test_page_without_text(write) -> None:
    with pytest.raises(EmptyDocumentError, match="没有文字"):
        list(parse_html(write("a.html", "<html><body><img src='a.png'><script>x</script></body></html>"), 1))
