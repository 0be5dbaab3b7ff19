"""The conversations that record.py renders every template of llama.cpp's source with."""

variables = {"bos_token": "<s>", "eos_token": "</s>"}


def user(content):
    return {"role": "user", "content": content}


def assistant(content):
    return {"role": "assistant", "content": content}


def system(content):
    return {"role": "system", "content": content}


def conversation(*messages, **extra):
    return {"messages": list(messages), "variables": extra}


conversations = {
    "hello": conversation(user("Hello there!")),
    "turns": conversation(
        system("Be brief."),
        user("The first question?"),
        assistant("The first answer."),
        user("The second question?"),
        assistant("The second answer."),
        user("The third?"),
    ),
    "code": conversation(
        user("Write code"),
        assistant("<think>\nok\n</think>\n\n    indented()\nplain()"),
        user("Again"),
    ),
    "spaces": conversation(user("  two before, one after \n"), assistant("\n\tx \n\n"), user("\n")),
    "marks": conversation(
        system("Sag “ja”, 你好 & <b>"), user("Ünïcödé 🙂 \\ \"q\" 'a' {{ x }} {% y %}"), assistant("ß Ж"), user("é")
    ),
    "thoughts": conversation(
        user("a"),
        assistant("<think>\nlong thought\n</think>\n\nb</think>c"),
        user("d"),
        enable_thinking=False,
    ),
    "thinking": conversation(system(""), user("a"), assistant(""), user("d"), enable_thinking=True),
}
