import { readFileSync, writeFileSync } from 'node:fs';

/** Sizes of GGUF's scalar types by their numbers (ggml's docs/gguf.md). */
const scalarBytes = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
const stringType = 8;
const arrayType = 9;
const alignment = 32;

interface Tensor {
	/** Its entry in the table, up to its offset. */
	entry: Buffer;
	data: Buffer;
}

interface Gguf {
	/** All metadata as they lie in the file. */
	metadata: Buffer;
	keys: number;
	tensors: Tensor[];
}

class Reader {
	at = 0;
	constructor(readonly bytes: Buffer) {}

	u32(): number {
		this.at += 4;
		return this.bytes.readUInt32LE(this.at - 4);
	}

	u64(): number {
		this.at += 8;
		return Number(this.bytes.readBigUInt64LE(this.at - 8));
	}

	skipString(): void {
		const length = this.u64();
		this.at += length;
	}

	skipValue(type: number): void {
		if (type === stringType) this.skipString();
		else if (type === arrayType) {
			const of = this.u32();
			const length = this.u64();
			for (let i = 0; i < length; i++) this.skipValue(of);
		} else this.at += scalarBytes[type] ?? 0;
	}
}

function readGguf(path: string): Gguf {
	const bytes = readFileSync(path);
	const reader = new Reader(bytes);
	reader.at = 8;
	const [tensors, keys] = [reader.u64(), reader.u64()];
	const start = reader.at;
	for (let i = 0; i < keys; i++) {
		reader.skipString();
		reader.skipValue(reader.u32());
	}
	const metadata = bytes.subarray(start, reader.at);
	const entries = Array.from({ length: tensors }, () => {
		const from = reader.at;
		reader.skipString();
		const dimensions = reader.u32();
		reader.at += 8 * dimensions + 4;
		const entry = bytes.subarray(from, reader.at);
		return { entry, offset: reader.u64() };
	});
	const data = bytes.subarray(Math.ceil(reader.at / alignment) * alignment);
	return {
		metadata,
		keys,
		tensors: entries.map(({ entry, offset }, i) => ({
			entry,
			data: data.subarray(offset, entries[i + 1]?.offset ?? data.length),
		})),
	};
}

function entry(key: string, type: number, value: Buffer): Buffer {
	const head = Buffer.alloc(8);
	head.writeBigUInt64LE(BigInt(key.length));
	const kind = Buffer.alloc(4);
	kind.writeUInt32LE(type);
	return Buffer.concat([head, Buffer.from(key), kind, value]);
}

function writeGguf(path: string, metadata: Buffer[], keys: number, tensors: readonly Tensor[]): void {
	const head = Buffer.alloc(24);
	head.write('GGUF');
	head.writeUInt32LE(3, 4);
	head.writeBigUInt64LE(BigInt(tensors.length), 8);
	head.writeBigUInt64LE(BigInt(keys), 16);
	let offset = 0;
	const table = tensors.flatMap(({ entry, data }) => {
		const at = Buffer.alloc(8);
		at.writeBigUInt64LE(BigInt(offset));
		offset += Math.ceil(data.length / alignment) * alignment;
		return [entry, at];
	});
	const start = Buffer.concat([head, ...metadata, ...table]);
	const pad = (bytes: Buffer) => Buffer.alloc((alignment - (bytes.length % alignment)) % alignment);
	const data = tensors.flatMap((tensor) => [tensor.data, pad(tensor.data)]);
	writeFileSync(path, Buffer.concat([start, pad(start), ...data]));
}

/** The name that llama.cpp gives a part; `index` counts from 0. */
export function partName(prefix: string, index: number, count: number): string {
	const digits = (number: number) => String(number).padStart(5, '0');
	return `${prefix}-${digits(index + 1)}-of-${digits(count)}.gguf`;
}

/**
 * Splits a model as llama-gguf-split does: all metadata in the first part, and in each the tensors that
 * `partOf` says, 0…count-1. Returns the parts' paths.
 */
export function splitModel(
	path: string,
	prefix: string,
	count: number,
	partOf: (tensor: number) => number,
): string[] {
	const { metadata, keys, tensors } = readGguf(path);
	return Array.from({ length: count }, (_, index) => {
		const short = (value: number) => Buffer.from(Uint16Array.of(value).buffer);
		const split = [
			entry('split.no', 2, short(index)),
			entry('split.count', 2, short(count)),
			entry('split.tensors.count', 5, Buffer.from(Int32Array.of(tensors.length).buffer)),
		];
		const part = partName(prefix, index, count);
		const own = tensors.filter((_, tensor) => partOf(tensor) === index);
		const all = index === 0 ? [metadata, ...split] : split;
		writeGguf(part, all, (index === 0 ? keys : 0) + split.length, own);
		return part;
	});
}

/** A copy of a model whose tensors' data `change` has changed. */
export function changeWeights(
	path: string,
	out: string,
	change: (data: Buffer, tensor: number, count: number) => void,
): void {
	const { metadata, keys, tensors } = readGguf(path);
	const changed = tensors.map(({ entry, data }, i) => {
		const copy = Buffer.from(data);
		change(copy, i, tensors.length);
		return { entry, data: copy };
	});
	writeGguf(out, [metadata], keys, changed);
}
