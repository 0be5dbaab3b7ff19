import type { ImagePart, TextPart, UserMessage } from '../chat-message.js';
import { bytesOfDataUrl, isDataUrl } from '../image-input.js';
import { type Check, invalid, listOf, oneOf, text } from '../options.js';
import { field, readFields, textPartOf, typeOf } from './fields.js';

/** A path or another URL would have this server read files, or ask other machines, for its clients. */
const dataUrl: Check<Uint8Array> = (value, name) => {
	if (typeof value === 'string' && isDataUrl(value)) return bytesOfDataUrl(value, name);
	throw invalid(
		'a data: URL, which has the image in it, since nothing is fetched or opened here,',
		name,
		value,
	);
};

const imageOf = (image: Uint8Array): ImagePart => ({ type: 'image', image });

/** `detail` has no effect: how many tokens an image has is a matter of its size, and of the projector. */
const image: Check<ImagePart> = (value, name) => {
	const url = { url: dataUrl, detail: field(oneOf('auto', 'low', 'high')) };
	const fields = { type: text, image_url: (given: unknown, at: string) => readFields(url, given, at) };
	return imageOf(readFields(fields, value, name).image_url.url);
};

const notKept = field<never>((value, name) => {
	throw invalid('null, since no files are kept here; send a data: URL as image_url,', name, value);
});

/** The same as `/v1/responses` has it. */
const inputImage: Check<ImagePart> = (value, name) => {
	const detail = field(oneOf('auto', 'low', 'high', 'original'));
	const fields = { type: text, detail, file_id: notKept, image_url: dataUrl };
	return imageOf(readFields(fields, value, name).image_url);
};

/** A text, or parts: images, and texts, which become one text where there is no image. */
function userContentOf(
	imageType: string,
	imagePart: Check<ImagePart>,
	...textTypes: readonly string[]
): Check<UserMessage['content']> {
	const textPart = textPartOf(textTypes, `a part of type "${textTypes[0]}" or "${imageType}"`);
	const part: Check<TextPart | ImagePart> = (value, name) =>
		typeOf(value) === imageType ? imagePart(value, name) : { type: 'text', text: textPart(value, name) };
	return (value, name) => {
		if (typeof value === 'string') return text(value, name);
		if (!Array.isArray(value)) throw invalid('a string or an array of parts', name, value);
		const parts = listOf(part)(value, name);
		return parts.every(isText) ? parts.map((one) => one.text).join('') : parts;
	};
}

const isText = (part: TextPart | ImagePart): part is TextPart => part.type === 'text';

/** What a user says, as a chat's messages have it. */
export const userContent = userContentOf('image_url', image, 'text');

/** The same as `/v1/responses` has it. */
export const userInput = userContentOf('input_image', inputImage, 'input_text', 'output_text', 'text');
