import { readFileSync } from 'node:fs';
import type { Model } from '../../lib/index.js';
import type { Case } from '../cases.js';

const kinds = { prose: 'README.md', code: 'lib/session.ts', json: 'package-lock.json' };
const lengths = [1_000, 100_000];

/** A text of `length` characters: a file of the repository, again and again. */
function textOf(kind: keyof typeof kinds, length: number): string {
	const text = readFileSync(new URL(`../../${kinds[kind]}`, import.meta.url), 'utf8');
	return text.repeat(Math.ceil(length / text.length)).slice(0, length);
}

/** Text to tokens and back, on the calling thread. */
export function tokenizingCases(model: Model): Case[] {
	return (Object.keys(kinds) as Array<keyof typeof kinds>).flatMap((kind) =>
		lengths.flatMap((length): Case[] => {
			const text = textOf(kind, length);
			const tokens = model.tokenize(text);
			const row = (what: string) => (seconds: number, margin: number) => [
				what,
				kind,
				length,
				tokens.length,
				`${((1e9 * seconds) / tokens.length).toFixed(0)} ± ${margin.toFixed(1)} %`,
				(length / seconds / 1e6).toFixed(1),
			];
			const name = `${kind}, ${length}`;
			return [
				{ name: `tokenize ${name}`, run: () => void model.tokenize(text), row: row('tokenize') },
				{ name: `detokenize ${name}`, run: () => void model.detokenize(tokens), row: row('detokenize') },
			];
		}),
	);
}
