import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml

from errors import DamagedDocumentError
from knowledge import exam_docx
from knowledge.exam_docx import read_docx

SPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    }.items()
)


def element(xml: str) -> Any:
    return parse_xml(re.sub(r"^<([\w:]+)", rf"<\1 {SPACES}", xml))


def run(text: str, align: str = "") -> str:
    style = f'<w:rPr><w:vertAlign w:val="{align}"/></w:rPr>' if align else ""
    return f'<w:r>{style}<w:t xml:space="preserve">{text}</w:t></w:r>'


def up(text: str) -> str:
    return run(text, "superscript")


def down(text: str) -> str:
    return run(text, "subscript")


def para(*inner: str, numbered: tuple[int, int] | None = None, style: str = "") -> str:
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if numbered:
        properties += f'<w:numPr><w:ilvl w:val="{numbered[1]}"/><w:numId w:val="{numbered[0]}"/></w:numPr>'
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(inner)}</w:p>"


def level(ilvl: int, form: str, text: str, start: int = 1, more: str = "") -> str:
    return f'<w:lvl w:ilvl="{ilvl}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'


def save(
    path: Path, blocks: Sequence[str], abstract: Sequence[str] = (), lists: Sequence[str] = (), styles: Sequence[str] = ()
) -> Path:
    """A Word document of these blocks; abstract definitions and lists count from 90."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    for n, levels in enumerate(abstract, 90):
        numbering.insert(0, element(f'<w:abstractNum w:abstractNumId="{n}">{levels}</w:abstractNum>'))
    for n, inner in enumerate(lists, 90):
        numbering.append(element(f'<w:num w:numId="{n}">{inner}</w:num>'))
    for style in styles:
        document.styles.element.append(element(style))
    for block in blocks:
        document.element.body.insert_element_before(element(block), "w:sectPr")
    document.save(str(path))
    return path


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[str]]:
    return lambda *blocks, **parts: read_docx(save(tmp_path / "卷.docx", blocks, **parts)).split("\n")


def of(abstract: int, *overrides: str) -> str:
    return f'<w:abstractNumId w:val="{90 + abstract}"/>{"".join(overrides)}'


def override(ilvl: int, start: int | None = None, own: str = "") -> str:
    begin = "" if start is None else f'<w:startOverride w:val="{start}"/>'
    return f'<w:lvlOverride w:ilvl="{ilvl}">{begin}{own}</w:lvlOverride>'


def items(*places: tuple[int, int]) -> list[str]:
    return [para(run("题"), numbered=(90 + number, ilvl)) for number, ilvl in places]


class TestLists:
    def test_lists_of_one_definition_count_on(self, read) -> None:
        lines = read(*items((0, 0), (0, 0), (1, 0), (0, 0)), abstract=[level(0, "decimal", "%1.")], lists=[of(0), of(0)])
        assert lines == ["1. 题", "2. 题", "3. 题", "4. 题"]

    def test_start_override_restarts_once(self, read) -> None:
        lists = [of(0), of(0, override(0, 1)), of(0, override(0, 7))]
        places = items((0, 0), (0, 0), (1, 0), (1, 0), (0, 0), (1, 0), (2, 0), (2, 0))
        lines = read(*places, abstract=[level(0, "decimal", "%1.", 5)], lists=lists)
        assert lines == [f"{n}. 题" for n in (5, 6, 1, 2, 3, 4, 7, 8)]

    def test_an_overridden_level_is_shown_its_own_way(self, read) -> None:
        lists = [of(0), of(0, override(0, own=level(0, "upperLetter", "(%1)")))]
        lines = read(*items((0, 0), (1, 0), (0, 0)), abstract=[level(0, "decimal", "%1.")], lists=lists)
        assert lines == ["1. 题", "(B) 题", "3. 题"]

    @pytest.mark.parametrize(
        ("form", "shown"), [("chineseCounting", "一、 二、"), ("bullet", " "), ("none", " "), ("hex", "1、 2、")]
    )
    def test_deeper_levels_restart_below_any_format(self, read, form: str, shown: str) -> None:
        abstract = [level(0, form, "%1、" if form != "bullet" else "•") + level(1, "decimal", "%2.")]
        lines = read(*items((0, 0), (0, 1), (0, 1), (0, 0), (0, 1)), abstract=abstract, lists=[of(0)])
        first, second = (f"{label} 题".strip() for label in shown.split(" "))
        assert lines == [first, "1. 题", "2. 题", second, "1. 题"]

    def test_restart_at_another_level_or_never(self, read) -> None:
        levels = level(0, "decimal", "%1.") + level(1, "decimal", "%1.%2")
        for restart, last in ((0, "2.1.2"), (1, "2.1.1")):
            deepest = level(2, "decimal", "%1.%2.%3", more=f'<w:lvlRestart w:val="{restart}"/>')
            places = items((0, 0), (0, 1), (0, 2), (0, 0), (0, 1), (0, 2))
            assert read(*places, abstract=[levels + deepest], lists=[of(0)])[-1] == f"{last} 题"

    def test_patterns_name_any_level(self, read) -> None:
        levels = [(0, "upperRoman", "第%1章"), (1, "decimalZero", "%1-%2"), (2, "lowerLetter", "%1.%2(%3)")]
        abstract = ["".join(level(*each) for each in levels) + level(3, "decimal", "%1.%4", more="<w:isLgl/>")]
        lines = read(*items((0, 0), (0, 1), (0, 2), (0, 2), (0, 1), (0, 0), (0, 3)), abstract=abstract, lists=[of(0)])
        assert [line.removesuffix(" 题") for line in lines] == ["第I章", "I-01", "I.01(a)", "I.01(b)", "I-02", "第II章", "2.1"]

    @pytest.mark.parametrize(
        ("form", "values"),
        [
            ("decimal", {1: "1", 120: "120"}),
            ("decimalFullWidth", {1: "１", 20: "２０"}),
            ("decimalZero", {1: "01", 10: "10"}),
            ("upperLetter", {1: "A", 4: "D", 26: "Z", 27: "AA", 53: "AAA", 10**9: "1000000000"}),
            ("lowerLetter", {1: "a", 28: "bb"}),
            ("upperRoman", {1: "I", 4: "IV", 1994: "MCMXCIV", 5000: "5000"}),
            ("lowerRoman", {9: "ix", 40: "xl"}),
            ("chineseCounting", {1: "一", 10: "十", 11: "十一", 20: "二十", 47: "四十七"}),
            ("chineseCountingThousand", {10: "十", 105: "一百零五", 110: "一百一十", 1010: "一千零一十"}),
            ("japaneseCounting", {3: "三"}),
            ("ideographDigital", {1: "一", 9: "九", 12: "一二"}),
            ("decimalEnclosedCircle", {1: "①", 20: "⑳", 21: "21"}),
            ("decimalEnclosedCircleChinese", {2: "②"}),
            ("ideographTraditional", {1: "甲", 4: "丁"}),
        ],
    )
    def test_formats(self, read, form: str, values: dict[int, str]) -> None:
        for value, shown in values.items():
            lines = read(*items((0, 0)), abstract=[level(0, form, "%1、", value)], lists=[of(0)])
            assert lines == [f"{shown}、 题"]

    def test_numbers_of_a_style_and_of_those_it_is_based_on(self, read) -> None:
        styles = [
            '<w:style w:type="paragraph" w:styleId="Ti"><w:pPr><w:numPr><w:numId w:val="90"/></w:numPr></w:pPr></w:style>',
            '<w:style w:type="paragraph" w:styleId="Own"><w:basedOn w:val="Ti"/></w:style>',
            '<w:style w:type="paragraph" w:styleId="Xuan"><w:pPr><w:numPr><w:numId w:val="90"/></w:numPr></w:pPr></w:style>',
            '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:pPr><w:numPr><w:numId w:val="91"/></w:numPr></w:pPr></w:style>',
            '<w:style w:type="paragraph" w:styleId="Round"><w:basedOn w:val="Round"/></w:style>',
        ]
        blocks = [para(run("题"), style=s) for s in ("Ti", "Xuan", "Xuan", "Own", "Xuan", "Round")]
        blocks.append(para(run("题"), numbered=(0, 0), style="Ti"))  # list 0: the paragraph wants none
        blocks.append(para(run("题")))  # the default style
        blocks.append(para(run("题"), numbered=(90, 12)))  # there are nine levels
        abstract = [
            level(8, "lowerRoman", "%9)")
            + level(0, "decimal", "%1.")
            + level(1, "upperLetter", "%2.", more='<w:pStyle w:val="Xuan"/>'),
            level(0, "ideographTraditional", "%1"),
        ]
        lines = read(*blocks, abstract=abstract, lists=[of(0), of(1)], styles=styles)
        assert lines == ["1. 题", "A. 题", "B. 题", "2. 题", "A. 题", "题", "题", "甲 题", "i) 题"]

    def test_word_s_own_list_style(self, tmp_path: Path) -> None:
        document = docx.Document()
        for text in ("甲", "乙"):
            document.add_paragraph(text, style="List Number")
        document.add_paragraph("丙", style="List Bullet")
        document.save(str(tmp_path / "a.docx"))
        assert read_docx(tmp_path / "a.docx") == "1. 甲\n2. 乙\n丙"

    def test_a_definition_that_refers_to_a_list_style(self, read) -> None:
        style = '<w:style w:type="numbering" w:styleId="L"><w:pPr><w:numPr><w:numId w:val="90"/></w:numPr></w:pPr></w:style>'
        abstract = [level(0, "decimal", "%1)"), '<w:numStyleLink w:val="L"/>']
        assert read(*items((1, 0), (0, 0)), abstract=abstract, lists=[of(0), of(1)], styles=[style]) == ["1) 题", "2) 题"]

    def test_deleted_paragraphs_are_not_counted(self, read) -> None:
        first, last = items((0, 0), (0, 0))
        gone = (
            first.replace("<w:pPr>", "<w:pPr><w:rPr><w:del/></w:rPr>")
            .replace("<w:r>", "<w:del><w:r>")
            .replace("</w:r>", "</w:r></w:del>")
        )
        assert read(first, gone, last, abstract=[level(0, "decimal", "%1.")], lists=[of(0)]) == ["1. 题", "2. 题"]


def box(*paragraphs: str) -> str:
    return f"<w:txbxContent>{''.join(paragraphs)}</w:txbxContent>"


def drawn(*paragraphs: str) -> str:
    """A text box as Word writes it: for itself and, once more, for older programs."""
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{box(*paragraphs)}</wps:txbx></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:shape><v:textbox>{box(*paragraphs)}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def table(*rows: list[str]) -> str:
    cells = ["".join(f"<w:tc>{cell}</w:tc>" for cell in row) for row in rows]
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


class TestText:
    @pytest.mark.parametrize(
        ("inner", "line"),
        [
            ([run("2"), up("10"), run(" B")], "2^10 B"),
            ([run("2"), up("1"), up("0"), run("，x"), down("i"), up("2")], "2^10，x_i^2"),
            ([run("2^"), up("10"), run(" 与 a_"), down("i")], "2^10 与 a_i"),
            ([run("2"), up("n-1"), run(" 10"), up("-3 "), run("甲"), up(" "), up("[图]")], "2^(n-1) 10^-3 甲 [图]"),
            ([run("2"), up("^10"), run("甲"), run("乙", "baseline")], "2^10甲乙"),
            ([f"<w:r><w:ruby><w:rt>{run('zhan')}</w:rt><w:rubyBase>{run('栈')}</w:rubyBase></w:ruby></w:r>"], "栈"),
            ([run("x"), '<w:r><w:rPr><w:rStyle w:val="Up"/></w:rPr><w:t>2</w:t></w:r>'], "x^2"),
        ],
    )
    def test_raised_and_lowered(self, read, inner: list[str], line: str) -> None:
        up_style = '<w:style w:type="character" w:styleId="Up"><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>'
        assert read(para(*inner), styles=[up_style]) == [line]

    @pytest.mark.parametrize(
        ("math", "line"),
        [
            ("<m:r><m:t>O(n)</m:t></m:r>", "O(n)"),
            ("<m:sSup><m:e>2</m:e><m:sup>n-1</m:sup></m:sSup>", "2^(n-1)"),
            ("<m:sSubSup><m:e>x</m:e><m:sub>i</m:sub><m:sup>2</m:sup></m:sSubSup>", "x_i^2"),
            ("<m:f><m:fPr/><m:num>n+1</m:num><m:den>2</m:den></m:f>", "(n+1)/2"),
            ("<m:rad><m:deg/><m:e>n</m:e></m:rad>", "√n"),
            ("O<m:d><m:e>n</m:e></m:d>", "O(n)"),
            ('<m:d><m:dPr><m:begChr m:val="⌈"/><m:endChr m:val="⌉"/></m:dPr><m:e>n</m:e></m:d>', "⌈n⌉"),
            (
                '<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>i=1</m:sub><m:sup>n</m:sup><m:e>i</m:e></m:nary>',
                "∑_(i=1)^ni",
            ),
            ("<m:bar><m:e>AB</m:e></m:bar>", "A\u0305B\u0305"),
            ("<m:m><m:mr><m:e>1</m:e><m:e>2</m:e></m:mr><m:mr><m:e>3</m:e><m:e>4</m:e></m:mr></m:m>", "1, 2; 3, 4"),
        ],
    )
    def test_formulas(self, read, math: str, line: str) -> None:
        math = re.sub(r"(?<=>)([^<]+)(?=<)|^O", r"<m:r><m:t>\g<0></m:t></m:r>", math) if "<m:t>" not in math else math
        written = f"<m:oMathPara><m:oMath>{math}</m:oMath></m:oMathPara>"
        assert read(para(run("为 "), written, run("时"))) == [f"为 {line}时"]

    def test_tracked_changes_count_as_accepted(self, read) -> None:
        deleted = '<w:del w:id="2"><w:r><w:delText>A</w:delText><w:t>A</w:t></w:r></w:del>'
        moved = f"<w:moveFrom>{run('旧')}</w:moveFrom><w:moveTo>{run('新')}</w:moveTo>"
        assert read(para(run("答案："), f'<w:ins w:id="1">{run("B")}</w:ins>', deleted, moved)) == ["答案：B新"]

    def test_content_controls_links_and_nested_tables_in_order(self, read) -> None:
        control = f"<w:sdt><w:sdtPr/><w:sdtContent>{para(run('二'))}{table([para(run('三'))])}</w:sdtContent></w:sdt>"
        inline = para(f"<w:sdt><w:sdtContent>{run('四')}</w:sdtContent></w:sdt>", f"<w:hyperlink>{run('五')}</w:hyperlink>")
        nested = table([para(run("六")) + table([para(run("七")), para(run("八"))]) + para(), para(run("九"))])
        wrapped = f"<w:tbl><w:sdt><w:sdtContent><w:tr><w:tc>{para(run('十'))}</w:tc></w:tr></w:sdtContent></w:sdt></w:tbl>"
        lines = read(para(run("一")), control, inline, nested, wrapped)
        assert lines == ["一", "二", "三", "四五", "六", "七 八 九", "十"]

    def test_merged_cells_come_once(self, read) -> None:
        rest = f"<w:tc><w:tcPr><w:vMerge/></w:tcPr>{para(run('藏'))}</w:tc>"
        merged = '<w:tc><w:tcPr><w:gridSpan w:val="2"/><w:vMerge w:val="restart"/></w:tcPr>' + para(run("合")) + "</w:tc>"
        cell = f"<w:tc>{para(run('甲'))}</w:tc>"
        deleted = f"<w:tr><w:trPr><w:del/></w:trPr>{cell}</w:tr>"
        assert read(f"<w:tbl><w:tr>{merged}{cell}</w:tr>{deleted}<w:tr>{rest}{cell}</w:tr></w:tbl>") == ["合 甲", "甲"]

    def test_text_boxes_come_once_after_their_paragraph(self, read) -> None:
        old = f"<w:r><w:pict><v:shape><v:textbox>{box(para(run('四')))}</v:textbox></v:shape></w:pict></w:r>"
        lines = read(para(run("一"), drawn(para(run("三")), para(run("三半"))), run("二")), para(old), para(run("五")))
        assert lines == ["一二", "三", "三半", "四", "五"]

    def test_pictures_leave_a_mark(self, tmp_path: Path) -> None:
        document = docx.Document()
        document.add_paragraph("看图")
        document.add_picture(io.BytesIO(png()))
        for inner in (
            "<w:pict><v:shape><v:imagedata/></v:shape></w:pict>",
            "<w:object/>",
            "<w:instrText> eq \\f(1,2)</w:instrText>",
            f"<w:drawing>{box(para())}</w:drawing>",
            f"<w:drawing><v:imagedata/>{box(para(run('丙')))}</w:drawing>",
            f"<w:drawing>{box(para(run('甲')))}{box(para(run('乙')))}</w:drawing>",  # a figure with captions
            '<w:pict><v:rect o:hr="t"/></w:pict>',
            "<w:instrText> PAGE </w:instrText>",
        ):
            paragraph = document.add_paragraph("前")
            paragraph._p.append(element(f"<w:r>{inner}</w:r>"))
            paragraph.add_run("后")
        document.save(str(tmp_path / "a.docx"))
        lines = read_docx(tmp_path / "a.docx").split("\n")
        assert [x for x in lines if x] == ["看图", "[图]", *["前[图]后"] * 5, "丙", "前[图]后", "甲", "乙", "前后", "前后"]

    def test_breaks_tabs_and_symbols(self, read) -> None:
        symbols = (
            '<w:sym w:font="Symbol" w:char="F0B3"/><w:sym w:font="Wingdings" w:char="F0FC"/><w:sym w:font="宋体" w:char="2264"/>'
        )
        inner = (
            f"<w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t><w:cr/><w:t>a\nb</w:t><w:tab/><w:t>丁</w:t><w:noBreakHyphen/>{symbols}</w:r>"
        )
        assert read(para(inner).replace("<w:pPr>", "<w:pPr><w:tabs><w:tab/></w:tabs>")) == ["甲", "乙", "a b 丁-≥[图]≤"]


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return save(tmp_path / "好.docx", items((0, 0)), abstract=[level(0, "decimal", "%1.")], lists=[of(0)])


def rewritten(good: Path, name: str, change: Callable[[bytes], bytes | None]) -> Path:
    """The document with one part changed, or without it."""
    path = good.with_name("坏.docx")
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            data = change(old.read(part)) if part == name else old.read(part)
            if data is not None:
                new.writestr(part, data)
    return path


ENTITIES = "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
BOMB = f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{ENTITIES}]>'.encode()
DEEP = 3000
W = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"


class TestDamage:
    @pytest.mark.parametrize(
        ("name", "change"),
        [
            pytest.param("word/document.xml", lambda b: b[:-50], id="cut"),
            pytest.param("word/document.xml", lambda b: b"", id="empty"),
            pytest.param("word/document.xml", lambda b: b"\0\1", id="no XML"),
            pytest.param("word/document.xml", lambda b: None, id="no document"),
            pytest.param("_rels/.rels", lambda b: None, id="no references"),
            pytest.param("_rels/.rels", lambda b: b.replace(b"Target=", b"Other="), id="no target"),
            pytest.param("word/document.xml", lambda b: b"<w:document xmlns:w='" + W + b"'/>", id="no body"),
            pytest.param("word/document.xml", lambda b: b.replace(b"<w:document", BOMB + b"<w:document", 1).replace("题".encode(), b"&j;"), id="bomb"),
            pytest.param("word/document.xml", lambda b: b.replace(b"<w:body>", b"<w:body>" + b"<w:sdt>" * DEEP + b"</w:sdt>" * DEEP), id="deep"),
            pytest.param("word/document.xml", lambda b: b.replace(b"<w:document", b"<!DOCTYPE x><w:document", 1), id="declaration"),
            pytest.param("word/document.xml", lambda b: b.replace(b"<w:body>", b"<w:body>" + b"<w:sdt>" * 255 + b"</w:sdt>" * 255), id="just too deep"),
            pytest.param("word/document.xml", lambda b: b.replace(b'<w:ilvl w:val="0"', b'<w:ilvl w:val="x"'), id="level"),
            pytest.param("word/document.xml", lambda b: b.replace(b'<w:ilvl w:val="0"', b"<w:ilvl"), id="no level"),
            pytest.param("word/document.xml", lambda b: b.replace(b"<w:t ", b'<w:sym w:char="?"/><w:t '), id="symbol"),
            pytest.param("word/document.xml", lambda b: b"<?xml version='1.0' encoding='klingon'?>" + b[b.index(b"<w:") :], id="encoding"),
            pytest.param("word/numbering.xml", lambda b: b.replace(b"</w:numbering>", b'<w:num w:numId="7"/></w:numbering>'), id="list"),
            pytest.param("word/numbering.xml", lambda b: b.replace(b'<w:start w:val="1"', b'<w:start w:val="' + b"9" * 4000 + b'"'), id="start"),
            pytest.param("word/numbering.xml", lambda b: b[:200], id="cut lists"),
            pytest.param("word/styles.xml", lambda b: b[:200], id="cut styles"),
        ],
    )  # fmt: skip
    def test_parts(self, good: Path, name: str, change: Callable[[bytes], bytes | None]) -> None:
        path = rewritten(good, name, change)
        if name in zipfile.ZipFile(path).namelist():
            assert zipfile.ZipFile(path).read(name) != zipfile.ZipFile(good).read(name), "the damage is done"
        with pytest.raises(DamagedDocumentError, match="坏.docx 不是有效的 DOCX 文件，.*另存"):
            read_docx(path)

    def test_a_document_without_lists_and_styles(self, good: Path) -> None:
        assert read_docx(rewritten(good, "word/_rels/document.xml.rels", lambda b: None)) == "题"
        assert read_docx(rewritten(good, "word/document.xml", lambda b: b.replace(b"<w:body>", b"<w:body><w:p/>"))) == "\n1. 题"

    @pytest.mark.parametrize(("bit", "value"), [(0, 1), (2, 99)], ids=["encrypted", "unknown compression"])
    def test_members(self, good: Path, bit: int, value: int) -> None:
        raw = bytearray(good.read_bytes())
        for signature, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
            for match in re.finditer(re.escape(signature), bytes(raw)):
                raw[match.start() + flags + bit] |= value
        good.write_bytes(raw)
        with pytest.raises(DamagedDocumentError, match="加了密码"):
            read_docx(good)

    def test_any_cut_or_overwritten_bytes(self, good: Path) -> None:
        raw = good.read_bytes()
        for at in range(0, len(raw), 611):
            for hostile in (raw[:at], raw[:at] + b"\xff" * 40 + raw[at + 40 :], raw[:at] + b"\0\0" + raw[at + 2 :]):
                good.write_bytes(hostile)
                try:
                    assert read_docx(good) == "1. 题", "or the damage is elsewhere"
                except DamagedDocumentError as error:
                    assert re.search("[一-鿿]", str(error))

    def test_what_is_no_file(self, tmp_path: Path) -> None:
        (tmp_path / "夹.docx").mkdir()
        for name in ("夹.docx", "无.docx"):
            with pytest.raises(DamagedDocumentError, match="读不出来"):
                read_docx(tmp_path / name)

    def test_sizes(self, good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with zipfile.ZipFile(good, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("word/media/a.bin", bytes(30 << 20))
        with pytest.raises(DamagedDocumentError, match="解压后有 3. MB"):
            read_docx(good)
        monkeypatch.setattr(exam_docx, "_RATIO", 10**6)
        assert read_docx(good) == "1. 题"
        monkeypatch.setattr(exam_docx, "_LARGEST", 30 << 20)
        with pytest.raises(DamagedDocumentError, match="解压后有 3. MB"):
            read_docx(good)
        monkeypatch.undo()
        monkeypatch.setattr(exam_docx, "_LARGEST_XML", 1000)
        with pytest.raises(DamagedDocumentError, match="正文"):
            read_docx(rewritten(good, "word/media/a.bin", lambda b: None))
