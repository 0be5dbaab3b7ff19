import type { EncodedImage } from './image-input.js';

/** The bytes of a file, or pixels of three or four bytes. */
export type NativeImageInput =
	| Uint8Array
	| { readonly width: number; readonly height: number; readonly data: Uint8Array };

/** An image as a model reads it. */
export interface NativeImage extends EncodedImage {
	/** Tells the image from others: its content, and the projector. */
	readonly id: string;
}

/** Where an image stands in a chat's text. */
export interface NativeImageMark {
	/** What stands for it there. */
	readonly mark: string;
	readonly tokens: Int32Array;
	/** How often the messages have it. */
	readonly times: number;
}
