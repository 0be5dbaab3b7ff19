/** Text of a program, shortened in the middle to about `limit` characters and fit to be tokenized. */
export function quote(text: string, limit = 1000): string {
	const half = Math.floor(limit / 2);
	const short = text.length <= limit ? text : `${text.slice(0, half)}\n…\n${text.slice(-half)}`;
	return wellFormedText(short.trim());
}

/** Lone surrogates have no UTF-8 form; encoding and decoding puts U+FFFD in their place. */
export function wellFormedText(text: string): string {
	return Buffer.from(text).toString();
}
