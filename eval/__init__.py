"""How well it does: retrieval now; answers and exams later. Reads knowledge and rag, and is read by nobody."""
