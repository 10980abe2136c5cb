"""What is taught: subjects, terms, handouts (data first, thin readers beside it)."""
