import { RepriseError } from './errors.js';

/**
 * `text`, or `TEXT_INVALID` with the index (UTF-16 units) of the first lone surrogate: it has no UTF-8 form.
 */
export function wellFormed(text: string, name: string): string {
	const index = loneSurrogate(text);
	if (index < 0) return text;
	const unit = text.charCodeAt(index).toString(16).toUpperCase();
	throw new RepriseError(
		'TEXT_INVALID',
		`Expected well-formed text for ${name} but found the lone surrogate U+${unit} at index ${index}; repair it, for example with toWellFormed()`,
	);
}

function loneSurrogate(text: string): number {
	const match = /\p{Surrogate}/u.exec(text);
	return match ? match.index : -1;
}

/** The text with U+FFFD in place of lone surrogates. */
export function wellFormedText(text: string): string {
	return text.replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}
