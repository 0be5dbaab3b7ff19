/** A GGUF file's parts as they are in the file, so that each can be changed by itself and written again. */
export interface GgufParts {
	version: number;
	entries: Entry[];
	tensors: TensorInfo[];
	/** What follows the header, aligned as the file says. */
	data: Buffer;
	/** Given, they are written in place of the true counts. */
	tensorCount?: bigint;
	entryCount?: bigint;
}

export interface Entry {
	key: Buffer;
	type: number;
	/** The value's bytes, without its type. */
	value: Buffer;
}

export interface TensorInfo {
	name: Buffer;
	dimensions: bigint[];
	type: number;
	offset: bigint;
}

/** Numbers of GGUF's value types (ggml's docs/gguf.md). */
export const valueTypes = {
	uint32: 4,
	int32: 5,
	float32: 6,
	bool: 7,
	string: 8,
	array: 9,
	uint64: 10,
} as const;

/** Bytes of a value of each type; strings and arrays have none. */
const fixedSizes: Record<number, number> = {
	0: 1,
	1: 1,
	2: 2,
	3: 2,
	4: 4,
	5: 4,
	6: 4,
	7: 1,
	10: 8,
	11: 8,
	12: 8,
};

const alignment = 32;

class Reader {
	constructor(
		readonly bytes: Buffer,
		public at = 0,
	) {}

	u32(): number {
		this.at += 4;
		return this.bytes.readUInt32LE(this.at - 4);
	}

	u64(): bigint {
		this.at += 8;
		return this.bytes.readBigUInt64LE(this.at - 8);
	}

	string(): Buffer {
		const length = Number(this.u64());
		this.at += length;
		return this.bytes.subarray(this.at - length, this.at);
	}

	/** Steps over a value. */
	skip(type: number): void {
		if (type === valueTypes.string) {
			this.string();
		} else if (type === valueTypes.array) {
			const element = this.u32();
			const count = Number(this.u64());
			const size = fixedSizes[element];
			if (size !== undefined) this.at += size * count;
			else for (let i = 0; i < count; i++) this.skip(element);
		} else {
			this.at += fixedSizes[type] ?? 0;
		}
	}
}

/** Parses a whole and valid file. */
export function parseGguf(bytes: Buffer): GgufParts {
	const reader = new Reader(bytes, 4);
	const version = reader.u32();
	const tensorCount = Number(reader.u64());
	const entryCount = Number(reader.u64());
	const entries = Array.from({ length: entryCount }, () => {
		const key = reader.string();
		const type = reader.u32();
		const start = reader.at;
		reader.skip(type);
		return { key, type, value: bytes.subarray(start, reader.at) };
	});
	const tensors = Array.from({ length: tensorCount }, () => {
		const name = reader.string();
		const dimensions = Array.from({ length: reader.u32() }, () => reader.u64());
		const type = reader.u32();
		return { name, dimensions, type, offset: reader.u64() };
	});
	return { version, entries, tensors, data: bytes.subarray(Math.ceil(reader.at / alignment) * alignment) };
}

export function uint32(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32LE(value >>> 0);
	return bytes;
}

export function uint64(value: bigint): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
	return bytes;
}

export function float32(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeFloatLE(value);
	return bytes;
}

export const string = (value: Buffer): Buffer => Buffer.concat([uint64(BigInt(value.length)), value]);

/** An array's elements as bytes of their own, or null where the value is no array. */
export function elements(entry: Entry): { type: number; values: Buffer[] } | null {
	if (entry.type !== valueTypes.array) return null;
	const reader = new Reader(entry.value);
	const type = reader.u32();
	const values: Buffer[] = [];
	try {
		for (let left = reader.u64(); left > 0n && reader.at < entry.value.length; left--) {
			const start = reader.at;
			reader.skip(type);
			values.push(entry.value.subarray(start, reader.at));
		}
	} catch (error) {
		// A mutation before has given it any count, or elements of any length.
		if (!(error instanceof RangeError)) throw error;
	}
	return { type, values };
}

export function array(type: number, values: Buffer[], count = BigInt(values.length)): Buffer {
	return Buffer.concat([uint32(type), uint64(count), ...values]);
}

export function writeGguf(parts: GgufParts): Buffer {
	const header = Buffer.concat([
		Buffer.from('GGUF'),
		uint32(parts.version),
		uint64(parts.tensorCount ?? BigInt(parts.tensors.length)),
		uint64(parts.entryCount ?? BigInt(parts.entries.length)),
		...parts.entries.flatMap(({ key, type, value }) => [string(key), uint32(type), value]),
		...parts.tensors.flatMap(({ name, dimensions, type, offset }) => [
			string(name),
			uint32(dimensions.length),
			...dimensions.map(uint64),
			uint32(type),
			uint64(offset),
		]),
	]);
	const padding = Buffer.alloc(Math.ceil(header.length / alignment) * alignment - header.length);
	return Buffer.concat([header, padding, parts.data]);
}
