import { Choices } from './choices.js';

/** A BMP file of so many pixels a side, each of a colour of its own. */
export function bmp(seed: number, side = 32): Buffer {
	const choices = new Choices(seed, 'bmp');
	// A row is a multiple of four bytes.
	const pixels = Buffer.from(
		Array.from({ length: side * (3 * side + (side % 4)) }, () => choices.below(256)),
	);
	const header = Buffer.alloc(54);
	header.write('BM');
	header.writeUInt32LE(header.length + pixels.length, 2);
	header.writeUInt32LE(header.length, 10);
	header.writeUInt32LE(40, 14);
	header.writeInt32LE(side, 18);
	header.writeInt32LE(side, 22);
	header.writeUInt16LE(1, 26);
	header.writeUInt16LE(24, 28);
	return Buffer.concat([header, pixels]);
}

/** The file as a `data:` URL. */
export const asDataUrl = (file: Buffer, type = 'image/bmp'): string =>
	`data:${type};base64,${file.toString('base64')}`;
