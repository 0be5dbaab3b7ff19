import type { CorrectionResults } from './results.js';

/** The text of a file; the outcomes of all tasks are one string of it, 1 for a right answer and 0 for a wrong one. */
export function toJson(results: CorrectionResults): string {
	return `${JSON.stringify(results, (_, value) => (isOutcomes(value) ? value.map(Number).join('') : value), '\t')}\n`;
}

export function fromJson(text: string): CorrectionResults {
	return JSON.parse(text, (_, value) =>
		typeof value === 'string' && /^[01]+$/.test(value) ? [...value].map((one) => one === '1') : value,
	) as CorrectionResults;
}

const isOutcomes = (value: unknown): value is boolean[] =>
	Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'boolean');
