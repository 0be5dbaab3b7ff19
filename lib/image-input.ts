import { readFile, stat } from 'node:fs/promises';
import { unescape as withoutEscapes } from 'node:querystring';
import { types } from 'node:util';
import { messageOf, RepriseError } from './errors.js';
import type { NativeImageInput } from './native-image.js';
import { type Check, describe, filePath, integer, invalid, object, readOptions } from './options.js';

/** Pixels from the top left, row by row, as a canvas's `ImageData` or `sharp(…).raw()` has them. */
export interface ImagePixels {
	/** Pixels of a row, 1…16,384. */
	readonly width: number;
	/** Rows, 1…16,384. */
	readonly height: number;
	/**
	 * Three bytes of each pixel (red, green, blue) or four (and how opaque it is; what is transparent shows white).
	 */
	readonly data: Uint8Array | Uint8ClampedArray;
}

/**
 * An image: the path or `file:` URL of a JPEG, PNG, GIF (its first frame) or BMP file; the bytes of one, or a
 * `data:` URL of them; or pixels.
 */
export type ImageInput = string | URL | Uint8Array | ArrayBuffer | ImagePixels;

/** An image as a model reads it. */
export interface EncodedImage {
	/**
	 * The tokens that stand for it in a prompt. Those of its rows are below -1, and valid as long as this object is
	 * held or the history of a session has them.
	 */
	readonly tokens: Int32Array;
	/** The milliseconds that it took to encode it; 0 where the same image was in use. */
	readonly encodeMs: number;
}

/** An image as the checks leave it: the path of a file, a `data:` URL, or copies of its bytes or pixels. */
export type CheckedImage =
	| string
	| Uint8Array
	| { readonly width: number; readonly height: number; readonly data: Uint8Array };

const side = integer(1, 16_384);

const pixelBytes: Check<Uint8Array> = (value, name) => {
	if (types.isUint8Array(value) || types.isUint8ClampedArray(value)) return new Uint8Array(value);
	throw invalid('a Uint8Array or Uint8ClampedArray', name, value);
};

const pixels: Check<CheckedImage> = (value, name) => {
	const expected = 'a path, a URL, the bytes of a file, or { width, height, data },';
	// What `ImageData` and others have besides, such as `colorSpace`, is no option.
	const { width, height, data } = object(expected)(value, name);
	if (width === undefined && height === undefined) throw invalid(`${expected} ${hintOf(value)}`, name, value);
	const read = readOptions({ width: side, height: side, data: pixelBytes }, { width, height, data }, name);
	const count = read.width * read.height;
	if (read.data.length === 3 * count || read.data.length === 4 * count) return Object.freeze(read);
	throw invalid(`${3 * count} or ${4 * count} bytes`, `${name}.data`, read.data.length);
};

/** What to do with what is often taken for an image. */
function hintOf(value: unknown): string {
	const given = value as { arrayBuffer?: unknown; info?: unknown; 0?: unknown };
	if (typeof given.arrayBuffer === 'function') return 'such as await blob.arrayBuffer(),';
	if (given.info !== undefined) return 'such as { ...info, data },';
	if (typeof given[0] === 'number') return 'which JSON can hold as a path or a data: URL alone,';
	return '';
}

/** Checks an image, and copies its bytes. */
export const imageInput: Check<CheckedImage> = (value, name) => {
	if (types.isUint8Array(value)) return new Uint8Array(value);
	if (types.isAnyArrayBuffer(value)) return new Uint8Array(value).slice();
	const url = typeof value === 'object' && value !== null ? (value as { href?: unknown }).href : value;
	if (typeof url !== 'string') return pixels(value, name);
	if (isDataUrl(url)) {
		bytesOfDataUrl(url, name);
		return url;
	}
	if (/^(?!file:)[a-z][a-z\d+.-]+:\/\//i.test(url) || /^blob:/i.test(url))
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected an image that is here for ${name} but received ${describe(url)}: fetch it, and pass its bytes`,
		);
	if (url.length > longestPath)
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected an image for ${name} but received a text of ${url.length} characters: base64 is passed as 'data:image/png;base64,…', or as Buffer.from(text, 'base64')`,
		);
	return filePath(value, name);
};

/** In characters; systems take some 4,096 bytes at most. */
const longestPath = 4096;

/** Whether an image is a `data:` URL. */
export const isDataUrl = (image: string): boolean => /^data:/i.test(image);

/** The bytes in a `data:` URL. Throws `IMAGE_INVALID`. */
export function bytesOfDataUrl(url: string, name: string): Uint8Array {
	const [, encoding, data] = /^data:[^,]*?(;base64)?,(.*)$/is.exec(url) ?? [];
	const refuse = (expected: string) =>
		new RepriseError('IMAGE_INVALID', `Expected ${expected} for ${name} but received ${describe(url)}`);
	if (encoding === undefined || data === undefined) throw refuse('a data: URL with ;base64,');
	if (!/^[\w+/=\s%-]*$/.test(data)) throw refuse('base64 in the data: URL');
	// It leaves what is no escape as it is, where decodeURIComponent throws.
	return new Uint8Array(Buffer.from(data.includes('%') ? withoutEscapes(data) : data, 'base64'));
}

/** In bytes. */
const largestFile = 2 ** 28;

/** A pipe or a device might give no end of bytes, or none. */
async function requireFile(path: string) {
	const facts = await stat(path);
	if (!facts.isFile()) throw new Error('it is no regular file');
	return facts;
}

/** What the addon is given of an image, whose file is read. Rejects with `IMAGE_INVALID`. */
export async function nativeImage(image: CheckedImage): Promise<NativeImageInput> {
	if (typeof image !== 'string') return image;
	if (isDataUrl(image)) return bytesOfDataUrl(image, 'image');
	try {
		const { size } = await requireFile(image);
		if (size > largestFile) throw new Error(`it has ${size} bytes, of at most ${largestFile}`);
		return await readFile(image);
	} catch (error) {
		throw new RepriseError('IMAGE_INVALID', `The image ${image} cannot be read: ${messageOf(error)}`, {
			cause: error,
		});
	}
}
