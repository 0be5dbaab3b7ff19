# Points llama.cpp's tests of its server at another one, which has OpenAI's paths alone and knows its model by its name.
import os

import pytest
import utils

IN_V1 = ("/chat/completions", "/responses", "/rerank", "/models")


@pytest.fixture(autouse=True)
def stop_servers():
    yield
    for server in set(utils.server_instances):
        server.stop()


def asked(path, data):
    if "SUITE_SERVER" in os.environ:
        return path, data
    if path in IN_V1:
        path = "/v1" + path
    if isinstance(data, dict):
        data = {name: value for name, value in data.items() if name != "model"}
    return path, data


def pointed(original):
    def request(self, method, path, data=None, *more, **named):
        path, data = asked(path, data)
        return original(self, method, path, data, *more, **named)

    return request


utils.ServerProcess.make_request = pointed(utils.ServerProcess.make_request)
utils.ServerProcess.make_stream_request = pointed(utils.ServerProcess.make_stream_request)
