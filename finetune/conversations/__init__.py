"""Training data: conversations, and the forms that they have in files."""
