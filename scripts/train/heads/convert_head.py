"""What the files of draft heads have in common."""
import os

import numpy

from convert import gguf


def copy_vocabulary(writer, reader):
    for field in reader.fields.values():
        if field.name.startswith("tokenizer."):
            inner = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
            writer.add_key_value(field.name, field.contents(), field.types[0], sub_type=inner)


def add_sizes(writer, reader, path, kind, shape, layers):
    """reader: of the target, whose file is at `path`; shape: of the target, which the head's layers share."""
    name = reader.get_field("general.name")
    writer.add_name(f"{kind} head of {name.contents() if name else os.path.basename(path)}")
    writer.add_license("MIT")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_heads)
    writer.add_key_length(shape.head_width)
    writer.add_value_length(shape.head_width)
    writer.add_rope_dimension_count(shape.head_width)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.norm_epsilon)
    writer.add_vocab_size(shape.vocabulary)


def weights_of(head):
    """-> arrays by name; what divides the target's states is in the matrix that reads them."""
    weights = {name: weight.float().numpy() for name, weight in head.state_dict().items()}
    weights["mix.weight"] = weights["mix.weight"] / weights["spread"]
    return weights


def add_weights(writer, weights, names):
    """names: the file's, by the head's."""
    for ours, theirs in names.items():
        weight = weights[f"{ours}.weight"]
        writer.add_tensor(f"{theirs}.weight", weight.astype(numpy.float32 if weight.ndim == 1 else numpy.float16))
