import { readFile } from 'node:fs/promises';
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

/** An image as the checks leave it: the path of a file, or copies of its bytes or pixels. */
export type CheckedImage =
	| string
	| Uint8Array
	| { readonly width: number; readonly height: number; readonly data: Uint8Array };

const side = integer(1, 16_384);

const pixelBytes: Check<Uint8Array> = (value, name) => {
	if (types.isUint8Array(value) || types.isUint8ClampedArray(value)) return Uint8Array.from(value);
	throw invalid('a Uint8Array or Uint8ClampedArray', name, value);
};

const pixels: Check<CheckedImage> = (value, name) => {
	// What `ImageData` and others have besides, such as `colorSpace`, is no option.
	const { width, height, data } = object('a path, a URL, the bytes of a file, or { width, height, data },')(
		value,
		name,
	);
	const read = readOptions({ width: side, height: side, data: pixelBytes }, { width, height, data }, name);
	const count = read.width * read.height;
	if (read.data.length === 3 * count || read.data.length === 4 * count) return Object.freeze(read);
	throw invalid(`${3 * count} or ${4 * count} bytes`, `${name}.data`, read.data.length);
};

/** Checks an image, and copies its bytes. */
export const imageInput: Check<CheckedImage> = (value, name) => {
	if (types.isUint8Array(value)) return Uint8Array.from(value);
	if (types.isAnyArrayBuffer(value)) return new Uint8Array(value).slice();
	const url = typeof value === 'object' && value !== null ? (value as { href?: unknown }).href : value;
	if (typeof url !== 'string') return pixels(value, name);
	if (/^data:/i.test(url)) return bytesOfDataUrl(url, name);
	if (/^https?:/i.test(url))
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected an image that is here for ${name} but received ${describe(url)}: fetch it, and pass its bytes`,
		);
	return filePath(value, name);
};

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

/** What the addon is given of an image, whose file is read. Rejects with `IMAGE_INVALID`. */
export async function nativeImage(image: CheckedImage): Promise<NativeImageInput> {
	if (typeof image !== 'string') return image;
	try {
		return new Uint8Array(await readFile(image));
	} catch (error) {
		throw new RepriseError('IMAGE_INVALID', `The image ${image} cannot be read: ${messageOf(error)}`, {
			cause: error,
		});
	}
}
