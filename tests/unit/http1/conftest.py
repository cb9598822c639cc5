"""A guard for every http1 test: no conduct of a sender leaves a task or a warning behind."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio


@pytest_asyncio.fixture(autouse=True)
async def nothing_left(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Fail a test that leaves a task, an unretrieved error, or an unexpected warning."""
    errors: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
    before = asyncio.all_tasks()
    yield
    async with asyncio.timeout(5):
        while asyncio.all_tasks() - before - {asyncio.current_task()}:
            await asyncio.sleep(0.001)
    warnings = [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelno >= logging.WARNING
    ]
    assert errors == []
    assert warnings == []
