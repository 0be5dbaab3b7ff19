"""
Records what Python's Jinja makes of chat templates, for test/chat-template-recorded.test.ts.

    python3 scripts/templates/record.py LLAMA_CPP_FOLDER test/recorded/templates.json

Needs Python 3 and Jinja 3.1 (python3-jinja2 of Debian). The environment is the one that the package transformers
renders chat templates with: sandboxed, trim_blocks, lstrip_blocks, loop controls, `generation` blocks, a `tojson`
that escapes no HTML; tools and documents are None. The clock stands still.
"""
import datetime
import json
import pathlib
import sys

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

from conversations import conversations, variables
from expression_snippets import expressions
from more_snippets import more
from statement_snippets import statements

snippets = [*expressions, *statements, *more]

# A noon, so that the day is the same in most time zones. Test and script agree on it.
NOW = 1767355200


class Generation(Extension):
    """`{% generation %}` marks what the assistant said; it changes no text."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


def environment():
    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(
            value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
        )

    def strftime_now(form):
        return datetime.datetime.fromtimestamp(NOW, datetime.timezone.utc).strftime(form)

    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols]
    )
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = strftime_now
    return env


def render(env, template, messages, extra):
    try:
        text = env.from_string(template).render(
            messages=messages, tools=None, documents=None, add_generation_prompt=True, **variables, **extra
        )
        return {"text": text}
    except Exception as error:
        return {"error": str(error)}


def main():
    folder = pathlib.Path(sys.argv[1]) / "models" / "templates"
    env = environment()
    recorded = {
        "jinja": jinja2.__version__,
        "now": NOW,
        "variables": variables,
        "conversations": conversations,
        "templates": {
            path.name: {
                name: render(env, path.read_text(encoding="utf-8"), given["messages"], given["variables"])
                for name, given in conversations.items()
            }
            for path in sorted(folder.glob("*.jinja"))
        },
        "snippets": [
            {"template": template, **render(env, template, conversations["hello"]["messages"], {})}
            for template in snippets
        ],
    }
    pathlib.Path(sys.argv[2]).write_text(json.dumps(recorded, ensure_ascii=False, indent="\t") + "\n", encoding="utf-8")


main()
