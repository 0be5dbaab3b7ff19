# Stands for OpenAI's client for Python, which Debian does not have. Its tests are skipped: that client for JavaScript has
# tests of our own.
import pytest


class OpenAI:
    def __init__(self, **_):
        pytest.skip("OpenAI's client for Python is not installed")
