"""The web page: Gradio code only, one file a tab; what it shows is computed elsewhere."""
