"""How a question becomes an answer. Read `rag/tutor.py` first."""
