import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { buildGgufHeader, type GGUFTypedMetadata, GGUFValueType } from '@huggingface/gguf';
import { count, type Metadata, text } from './metadata.js';
import { type ProjectorKind, projectorMetadata, projectorTensors } from './projector.js';
import { type QuantisationName, quantisations, quantised } from './quantisation.js';
import { RandomBytes } from './random-bytes.js';
import { type ShapeName, shapes } from './shapes.js';
import type { Tensor } from './tensor.js';
import { layouts, tensorBytes, tensorData } from './tensor-data.js';
import { readVocabulary } from './vocabulary.js';

/** Bytes to which tensors are aligned, GGUF's default. */
const alignment = 32;

const align = (bytes: number) => Math.ceil(bytes / alignment) * alignment;
const weights = (tensor: Tensor) => tensor.dimensions.reduce((product, size) => product * size, 1);

/** GGUF's table of tensors: name, dimensions, type and offset of each (ggml's docs/gguf.md). */
function tensorTable(tensors: Tensor[]): Buffer {
	const parts: Buffer[] = [];
	let offset = 0;
	for (const tensor of tensors) {
		const name = Buffer.from(tensor.name);
		const head = Buffer.alloc(8);
		head.writeBigUInt64LE(BigInt(name.length));
		const tail = Buffer.alloc(4 + 8 * tensor.dimensions.length + 4 + 8);
		let at = tail.writeUInt32LE(tensor.dimensions.length);
		for (const size of tensor.dimensions) at = tail.writeBigUInt64LE(BigInt(size), at);
		at = tail.writeUInt32LE(layouts[tensor.type].id, at);
		tail.writeBigUInt64LE(BigInt(offset), at);
		parts.push(head, name, tail);
		offset += align(tensorBytes(tensor.type, weights(tensor)));
	}
	return Buffer.concat(parts);
}

async function header(metadata: Metadata, tensors: Tensor[]): Promise<Buffer> {
	const table = tensorTable(tensors);
	const typed = {
		version: { value: 3, type: GGUFValueType.UINT32 },
		tensor_count: { value: BigInt(tensors.length), type: GGUFValueType.UINT64 },
		kv_count: { value: BigInt(Object.keys(metadata).length), type: GGUFValueType.UINT64 },
		...metadata,
	} as GGUFTypedMetadata;
	const blob = await buildGgufHeader(new Blob([table]), typed, {
		littleEndian: true,
		tensorInfoByteRange: [0, table.length],
		alignment,
	});
	return Buffer.from(await blob.arrayBuffer());
}

/**
 * Writes a GGUF of this metadata and these tensors. The file appears under its name only when it is whole.
 * @param seed of the random weights
 */
export async function writeModel(
	outPath: string,
	metadata: Metadata,
	tensors: Tensor[],
	seed = 0,
): Promise<void> {
	const partial = `${outPath}.${process.pid}.partial`;
	const file = openSync(partial, 'w');
	try {
		writeSync(file, await header(metadata, tensors));
		for (const tensor of tensors) {
			const data = tensorData(
				tensor.type,
				weights(tensor),
				tensor.values,
				new RandomBytes(seed, tensor.name),
			);
			writeSync(file, data);
			writeSync(file, Buffer.alloc(align(data.length) - data.length));
		}
	} catch (error) {
		rmSync(partial, { force: true });
		throw error;
	} finally {
		closeSync(file);
	}
	renameSync(partial, outPath);
}

/** Writes a projector (mmproj) of that kind with random weights. The same kind and seed give the same bytes. */
export async function writeRandomProjector(kind: ProjectorKind, outPath: string, seed = 0): Promise<void> {
	await writeModel(outPath, projectorMetadata(kind), projectorTensors(kind), seed);
}

/**
 * Writes a GGUF of the named shape with random weights and a real vocabulary. The same shape, vocabulary
 * and seed give the same bytes.
 * @param vocabularyPath any GGUF with a vocabulary, such as llama.cpp's models/ggml-vocab-*.gguf
 * @param quantisation of the matrices; the shape's own without it
 */
export async function writeRandomModel(
	shapeName: ShapeName,
	vocabularyPath: string,
	outPath: string,
	seed = 0,
	quantisation?: QuantisationName,
): Promise<void> {
	const shape = shapes[shapeName];
	const vocabulary = await readVocabulary(vocabularyPath, shape.vocabularyLimit);
	const metadata: Metadata = {
		'general.architecture': text(shape.architecture),
		'general.name': text(`${shapeName} with random weights, seed ${seed}`),
		'general.file_type': count(quantisation ? quantisations[quantisation].fileType : shape.fileType),
		...shape.metadata(vocabulary.size),
		...vocabulary.metadata,
	};
	const tensors = shape.tensors(vocabulary.size);
	await writeModel(outPath, metadata, quantisation ? quantised(tensors, quantisation) : tensors, seed);
}
