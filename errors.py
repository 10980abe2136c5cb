"""The one exception hierarchy of Tutor408.

    TutorError                       a message in Chinese that says what happened and what to do
    ├── SettingsError                an environment variable has an unusable value
    ├── UsageError                   a command or the page was given something it can't use
    │   ├── QuestionError            empty or too long
    │   └── UnknownSubjectError      not one of ds, co, os, cn, policy
    ├── DocumentError                a document can't be read; the others go on
    │   ├── UnsupportedFormatError   no reader for this kind of file
    │   ├── EmptyDocumentError       nothing in it that could be indexed
    │   ├── EncryptedDocumentError   it wants a password
    │   ├── DamagedDocumentError     its content is not what its name says, or is broken
    │   └── DocumentTooLargeError    over a limit of the settings
    ├── WorkersError                 the processes that read documents can't be started
    ├── ContentError                 a file of the syllabus or of a question bank is wrong, and where
    ├── StoreError                   the knowledge base can't be used
    │   ├── EmptyStoreError          it holds no document yet
    │   ├── StoreBusyError           another process is writing
    │   ├── StoreUnreachableError    the Chroma server does not answer
    │   └── EmbeddingMismatchError   it was written with another embedding model
    ├── ModelLoadError               a local model, adapter or embedding can't be loaded
    ├── TrainingError                a training run can't go on
    ├── WebSearchError               the search endpoint that the settings name failed
    ├── StorageError                 conversations can't be read or written
    └── ChatModelError               the chat model failed while answering
        ├── EndpointUnreachableError no connection, or it timed out
        ├── EndpointRefusedError     401, 403: the key is wrong
        ├── EndpointFaultError       404, 429, 5xx: what the endpoint answered
        ├── ContextTooLongError      question and passages don't fit into its window
        └── LettersUnavailableError  it can't tell how likely an option's letter is

Every message is shown to a user as it stands; a traceback never is.
"""

from __future__ import annotations

__all__ = [
    "ChatModelError",
    "ContentError",
    "ContextTooLongError",
    "DamagedDocumentError",
    "DocumentError",
    "DocumentTooLargeError",
    "EmbeddingMismatchError",
    "EmptyDocumentError",
    "EmptyStoreError",
    "EncryptedDocumentError",
    "EndpointFaultError",
    "EndpointRefusedError",
    "EndpointUnreachableError",
    "LettersUnavailableError",
    "ModelLoadError",
    "QuestionError",
    "SettingsError",
    "StoreBusyError",
    "StoreError",
    "StorageError",
    "StoreUnreachableError",
    "TrainingError",
    "TutorError",
    "UnknownSubjectError",
    "UnsupportedFormatError",
    "UsageError",
    "WebSearchError",
    "WorkersError",
]


class TutorError(Exception):
    """Base of all errors that a user may see."""


class SettingsError(TutorError):
    """An environment variable has an unusable value."""


class UsageError(TutorError):
    """A command or the page was given something it can't use."""


class QuestionError(UsageError):
    """The question is empty or too long."""


class UnknownSubjectError(UsageError):
    """The subject is not one that is taught."""


class DocumentError(TutorError):
    """A document can't be read; the other documents go on."""


class UnsupportedFormatError(DocumentError):
    """There is no reader for this kind of file."""


class EmptyDocumentError(DocumentError):
    """The document holds nothing that could be indexed."""


class EncryptedDocumentError(DocumentError):
    """The document wants a password."""


class DamagedDocumentError(DocumentError):
    """The content is not what the file's name says, or is broken."""


class DocumentTooLargeError(DocumentError):
    """The document is over a limit of the settings."""


class WorkersError(TutorError):
    """The processes that read documents can't be started."""


class ContentError(TutorError):
    """A file of the syllabus or of a question bank is wrong; the message has the line."""


class StoreError(TutorError):
    """The knowledge base can't be used."""


class StoreBusyError(StoreError):
    """Another process is writing to the knowledge base."""


class EmptyStoreError(StoreError):
    """The knowledge base holds no document yet."""


class StoreUnreachableError(StoreError):
    """The Chroma server does not answer."""


class EmbeddingMismatchError(StoreError):
    """The knowledge base was written with another embedding model."""


class ModelLoadError(TutorError):
    """A local model, adapter or embedding can't be loaded."""


class TrainingError(TutorError):
    """A training run can't go on; its last complete checkpoint stays."""


class WebSearchError(TutorError):
    """The search endpoint that the settings name failed."""


class StorageError(TutorError):
    """Conversations can't be read or written."""


class ChatModelError(TutorError):
    """The chat model failed while it was answering."""


class EndpointUnreachableError(ChatModelError):
    """No connection to the endpoint, or it timed out."""


class EndpointRefusedError(ChatModelError):
    """The endpoint refused the key (401, 403)."""


class EndpointFaultError(ChatModelError):
    """The endpoint answered with an error (404, 429, 5xx), with no answer, or broke off in the middle of one."""


class ContextTooLongError(ChatModelError):
    """Question, passages and history don't fit into the chat model's window; nothing was generated."""


class LettersUnavailableError(ChatModelError):
    """The model can't tell how likely each option's letter is: asking it again, or another question, is of no use."""
