"""Where it is kept: the vector store, the lexical index, the registry and the originals."""
