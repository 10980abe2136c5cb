"""Making training data: pairs from documents, notes and bank, checked, deduplicated, split, counted."""
