"""The tutor over HTTP: the OpenAI protocol under /v1, conversations by `uid` under /api/chat, health and metrics."""
