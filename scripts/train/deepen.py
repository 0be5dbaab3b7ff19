"""Adds layers to a GGUF model that pass on what they get: it says the same, and computes as a larger model does.

For benchmarks of drafts. What a draft is worth depends on what the model says and on what its passes cost. Trained
models that fit this machine are small, and models of a common size have random weights here, which no other model
could guess. So the choices come from a trained model, the cost from layers whose output projections are zero.
"""
import argparse
import os
import re
import subprocess
import sys

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
LLAMA = subprocess.check_output(["node", os.path.join(HERE, "..", "fetch-llama.mjs")], text=True).strip().splitlines()[-1]
sys.path.insert(0, os.path.join(LLAMA, "gguf-py"))
import gguf  # noqa: E402  (llama.cpp's own package, of the very version that reads the file)

CLOSING = ("attn_output", "ffn_down")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a GGUF file of the Llama architecture")
    parser.add_argument("out", help="where the deeper one goes")
    parser.add_argument("--layers", type=int, required=True, help="how many it has in the end")
    options = parser.parse_args()
    reader = gguf.GGUFReader(options.model)
    architecture = reader.get_field("general.architecture").contents()
    count_key = f"{architecture}.block_count"
    count = int(reader.get_field(count_key).contents())
    if options.layers < count:
        parser.error(f"the model has {count} layers already")

    writer = gguf.GGUFWriter(options.out, architecture)
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        kind = field.types[0]
        value = options.layers if field.name == count_key else field.contents()
        inner = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, value, kind, sub_type=inner)

    tensors = [(tensor.name, tensor) for tensor in reader.tensors]
    last = [(name, tensor) for name, tensor in tensors if name.startswith(f"blk.{count - 1}.")]
    for layer in range(count, options.layers):
        tensors += [(re.sub(r"^blk\.\d+", f"blk.{layer}", name), tensor) for name, tensor in last]
    for name, tensor in tensors:
        added = re.match(r"blk\.(\d+)", name) and int(re.match(r"blk\.(\d+)", name)[1]) >= count
        silent = added and any(part in name for part in CLOSING)
        data = numpy.zeros_like(tensor.data) if silent else tensor.data
        writer.add_tensor(name, data, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
