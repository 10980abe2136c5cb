import subprocess
import sys

from settings import ROOT

CODE = """
import ast, sys
parsed = []
parse = ast.parse
ast.parse = lambda source, *rest, **options: parsed.append(source) or parse(source, *rest, **options)
{before}
import ui.look, gradio
print(sum("class " in source for source in parsed if isinstance(source, str)) > 40)
with gradio.Blocks():
    gradio.Textbox().submit(lambda: None)
"""


def _parses_its_source(before: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(before=before)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_gradio_does_not_parse_its_own_source() -> None:
    assert _parses_its_source("") == "False\n"


def test_nothing_breaks_where_gradio_is_imported_already() -> None:
    assert _parses_its_source("import gradio") == "True\n"
