import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A fenced block of a Markdown file. */
export interface Fence {
	file: string;
	/** Of its first line of code, from 1. */
	line: number;
	/** Empty where the fence names none. */
	language: string;
	code: string;
}

/** The fenced blocks of a Markdown file of the repository, in their order. */
export function fences(file: string): Fence[] {
	const found: Fence[] = [];
	let open: Fence | null = null;
	for (const [index, line] of readFileSync(join(root, file), 'utf8').split('\n').entries()) {
		const fence = /^```(\w*)$/.exec(line);
		if (fence && open) {
			found.push(open);
			open = null;
		} else if (fence) open = { file, line: index + 2, language: fence[1] ?? '', code: '' };
		else if (open) open.code += `${line}\n`;
	}
	if (open) throw new Error(`${file}: the fence before line ${open.line} has no end`);
	return found;
}
