"""The web page: Gradio code only, one file a tab; what it shows is computed elsewhere."""

from ui.lean_import import import_without_stubs

import_without_stubs()  # here: before the first of the package's modules imports Gradio
