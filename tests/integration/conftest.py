"""A real store: Chroma and tantivy in a temporary folder."""

import pytest

from rag.library import Library
from rag.retrieval import Retriever
from settings import Settings
from vector_db.embeddings import SentenceTransformerEmbeddings
from vector_db.lexical import LexicalIndex
from vector_db.registry import Registry
from vector_db.store import CourseStore, chroma_client


@pytest.fixture
def registry(settings: Settings) -> Registry:
    return Registry(settings.vector_db_dir / "registry.sqlite3")


@pytest.fixture
def store(settings: Settings, embeddings: SentenceTransformerEmbeddings) -> CourseStore:
    return CourseStore(chroma_client(settings), embeddings, LexicalIndex(settings.vector_db_dir / "lexical"))


@pytest.fixture
def library(settings: Settings, store: CourseStore, registry: Registry) -> Library:
    return Library(settings, store, registry)


@pytest.fixture
def retriever(store: CourseStore) -> Retriever:
    return Retriever(store)
